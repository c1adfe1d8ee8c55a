"""One suite for the real source of sessions (against the sandbox) and its fake."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest
from pydantic import SecretStr

from chorus.clock import SystemClock
from chorus.errors import ChallengeError, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.sessions.fake import FakeSessionSource
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint
from chorus_browser_repost.sessions.port import SessionSource
from chorus_sandbox.app import SESSION_KEY
from chorus_sandbox.server import SandboxServer

OURS = "account ours"


class Keeper(Protocol):
    """Whoever keeps the sessions; OURS has one. `site` is where they are good for."""

    source: SessionSource
    site: str

    def sign_out(self) -> None: ...

    async def go_away(self) -> None: ...


class FakeKeeper:
    site = "https://www.linkedin.com"

    def __init__(self) -> None:
        self._fake = FakeSessionSource(SystemClock())
        self._fake.add(OURS)
        self.source: SessionSource = self._fake

    def sign_out(self) -> None:
        del self._fake.accounts[OURS]

    async def go_away(self) -> None:
        self._fake.available = False


class SandboxKeeper:
    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        state = server.sandbox.state
        self._account = state.add_account(
            person=state.add_person(name="Noa Lev"), created_ms=1, account_id=OURS
        )
        self.site = server.linkedin_url
        endpoint = SessionEndpoint(
            url=server.session_url, header="X-API-KEY", key=SecretStr(SESSION_KEY)
        )
        self.source: SessionSource = HttpSessionSource(endpoint, SystemClock())

    def sign_out(self) -> None:
        self._server.sandbox.website.sign_out(self._account)

    async def go_away(self) -> None:
        await self._server.stop()


@pytest.fixture(params=["fake", "http"])
async def keeper(request: pytest.FixtureRequest) -> AsyncIterator[Keeper]:
    if request.param == "fake":
        yield FakeKeeper()
        return
    async with SandboxServer() as server:
        there = SandboxKeeper(server)
        yield there
        await there.source.aclose()


async def test_a_session_signs_in_to_its_site(keeper: Keeper) -> None:
    """P5: the sign-in and the csrf cookie, and the user agent that they belong to."""
    session = await keeper.source.fetch(OURS)
    cookies = {each["name"]: each for each in session.cookies_for(keeper.site)}
    assert {"li_at", "JSESSIONID", "lang"} <= set(cookies)
    assert cookies["li_at"]["httpOnly"]
    assert cookies["li_at"]["secure"]
    assert not cookies["JSESSIONID"]["httpOnly"]
    assert session.user_agent.startswith("Mozilla/5.0")


async def test_each_fetch_is_a_session_of_its_own(keeper: Keeper) -> None:
    """P6: forgetting one leaves the other alone."""
    first, second = await keeper.source.fetch(OURS), await keeper.source.fetch(OURS)
    first.forget()
    assert second.cookies_for(keeper.site)


async def test_an_account_that_nobody_knows(keeper: Keeper) -> None:
    """E6: its owner must connect it."""
    with pytest.raises(ChallengeError) as caught:
        await keeper.source.fetch("account-of-nobody")
    assert (caught.value.error_type, caught.value.code) == (ErrorType.AUTH_ERROR, "no_session")


async def test_an_account_that_is_signed_out(keeper: Keeper) -> None:
    """E6: its owner must connect it again."""
    await keeper.source.fetch(OURS)
    keeper.sign_out()
    with pytest.raises(ChallengeError) as caught:
        await keeper.source.fetch(OURS)
    assert caught.value.code == "no_session"


async def test_a_source_that_is_away(keeper: Keeper) -> None:
    """E6: tried again."""
    await keeper.go_away()
    with pytest.raises(TransientProviderError) as caught:
        await keeper.source.fetch(OURS)
    assert caught.value.error_type is ErrorType.NETWORK_ERROR
