"""The provider's hosted pages: the port over the fake, and over HTTP against the sandbox."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
import pytest
from pydantic import SecretStr

from chorus.errors import DependencyUnavailable
from chorus_gateway.hosted.fake import FakeHostedAccounts
from chorus_gateway.hosted.http import HttpHostedAccounts
from chorus_gateway.hosted.port import HostedAccounts
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer

NOTIFY = "http://127.0.0.1:1/hooks/unipile/accounts/secret"


class Provider(Protocol):
    """A provider, and a person who signs in at its pages."""

    hosted: HostedAccounts

    async def sign_in(self, url: str) -> str:
        """The account that the provider has now."""

    def breaks(self, account_id: str) -> None:
        """The account has to be signed in again."""

    def goes_away(self) -> None:
        """Nothing is answered any more."""


class Faked:
    def __init__(self) -> None:
        self.fake = FakeHostedAccounts()
        self.hosted: HostedAccounts = self.fake

    async def sign_in(self, url: str) -> str:
        assert url in self.fake.pages
        self.fake.signs_in("acc-ada", profile_id="ACoAda")
        return "acc-ada"

    def breaks(self, account_id: str) -> None:
        self.fake.breaks(account_id)

    def goes_away(self) -> None:
        self.fake.available = False


class Real:
    def __init__(self, server: SandboxServer, client: httpx.AsyncClient) -> None:
        self._server = server
        self._client = client
        self.hosted: HostedAccounts = HttpHostedAccounts(
            client, key=SecretStr(UNIPILE_KEY), notify_url=NOTIFY
        )

    async def sign_in(self, url: str) -> str:
        state = self._server.sandbox.state
        if "ACoAda" not in state.people:
            person = state.add_person(name="Ada", provider_id="ACoAda")
            person.future_account_id = "acc-ada"
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(url)).status_code == 200
            wrong = await browser.post(url, data={"person": "nobody"})
            assert wrong.headers["location"] == "https://chorus.test/connect/token/failed"
            right = await browser.post(url, data={"person": "ACoAda"})
            assert right.headers["location"] == "https://chorus.test/connect/token/done"
            assert (await browser.get(url)).status_code == 410
        return "acc-ada"

    def breaks(self, account_id: str) -> None:
        self._server.sandbox.state.accounts[account_id].status = "CREDENTIALS"

    def goes_away(self) -> None:
        self._client.base_url = httpx.URL("http://127.0.0.1:1/")


@pytest.fixture(params=["fake", "sandbox"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """Each test runs over both."""
    if request.param == "fake":
        yield Faked()
        return
    async with (
        SandboxServer() as server,
        httpx.AsyncClient(base_url=server.unipile_url, timeout=5) as client,
    ):
        yield Real(server, client)


async def _page(provider: Provider, reconnect: str | None = None) -> str:
    return await provider.hosted.page(
        name="link.secret",
        platform="linkedin",
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
        reconnect=reconnect,
        back="https://chorus.test/connect/token",
    )


async def test_who_signed_in_is_shown(provider: Provider) -> None:
    """Finding C1: the account, whether it is usable, and whom the network knows it as."""
    account_id = await provider.sign_in(await _page(provider))
    shown = await provider.hosted.show(account_id)
    assert shown is not None
    assert (shown.id, shown.platform, shown.usable) == ("acc-ada", "linkedin", True)
    assert shown.profile_id == "ACoAda"
    assert shown.name


async def test_an_account_that_is_not_there_is_none(provider: Provider) -> None:
    """Finding C1: the provider's no is an answer."""
    assert await provider.hosted.show("nobody") is None


async def test_a_broken_account_is_not_usable_until_it_is_signed_in_again(
    provider: Provider,
) -> None:
    """Finding C1: reconnecting is a page of its own."""
    account_id = await provider.sign_in(await _page(provider))
    provider.breaks(account_id)
    shown = await provider.hosted.show(account_id)
    assert shown is not None
    assert not shown.usable
    assert await provider.sign_in(await _page(provider, account_id)) == account_id
    again = await provider.hosted.show(account_id)
    assert again is not None
    assert again.usable


async def test_a_forgotten_account_is_not_there(provider: Provider) -> None:
    """Invariant 7: the provider keeps no sign-in; one that is not there is forgotten already."""
    account_id = await provider.sign_in(await _page(provider))
    for _ in range(2):
        await provider.hosted.forget(account_id)
    assert await provider.hosted.show(account_id) is None


async def test_a_provider_that_is_away_is_told_apart_from_a_no(provider: Provider) -> None:
    """Finding C1: no answer is no verdict."""
    provider.goes_away()
    with pytest.raises(DependencyUnavailable):
        await provider.hosted.show("acc-ada")
    with pytest.raises(DependencyUnavailable):
        await provider.hosted.forget("acc-ada")
    with pytest.raises(DependencyUnavailable):
        await _page(provider)
