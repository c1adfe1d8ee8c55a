"""Looking up posts: the fake, and Unipile's API as the sandbox plays it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from chorus.errors import DependencyUnavailable
from chorus.linkedin import PostAddress, parse_post
from chorus_gateway.domain.post_identity import FoundPost
from chorus_gateway.lookup.absent import NoPostLookup
from chorus_gateway.lookup.fake import FakePostLookup
from chorus_gateway.lookup.http import HttpPostLookup
from chorus_gateway.lookup.port import AccountCannotLook, PostLookup
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.ids import FORMS

_MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A network with one post of `author`, and an account that looks."""

    lookup: PostLookup
    social_id: str
    addresses: list[PostAddress]
    author: str
    account: str
    disconnect: Callable[[], None]
    remove: Callable[[], None]


def _fake() -> Stage:
    fake = FakePostLookup(strict=True)
    addresses = [parse_post(f"urn:li:{form}:737916092354560000{n}") for n, form in enumerate(FORMS)]
    found = FoundPost(
        social_id=addresses[0].reference,
        url=addresses[0].url,
        author_provider_id="ACoAAuthor",
        published_at=_MADE,
        author_name="Author",
        text="A post.",
    )
    fake.posts = {address.reference: found for address in addresses}
    return Stage(
        lookup=fake,
        social_id=found.social_id,
        addresses=addresses,
        author="ACoAAuthor",
        account="looker",
        disconnect=lambda: fake.refused.add("looker"),
        remove=fake.posts.clear,
    )


def _real(server: SandboxServer, client: httpx.AsyncClient, key: str = UNIPILE_KEY) -> Stage:
    state = server.sandbox.state
    looker = state.add_account(
        person=state.add_person(name="Looker"), created_ms=1, account_id="looker"
    )
    author = state.add_person(name="Author")
    made = int(_MADE.timestamp() * 1000)
    post = state.add_post(author=author, text="A post.", created_ms=made, form="ugcPost")

    def disconnect() -> None:
        looker.status = "CREDENTIALS"

    def remove() -> None:
        post.gone = True

    return Stage(
        lookup=HttpPostLookup(client, SecretStr(key)),
        social_id=post.social_id,
        addresses=[parse_post(post.numbers.urn(form)) for form in FORMS]
        + [parse_post(post.share_url)],
        author=author.provider_id,
        account=looker.id,
        disconnect=disconnect,
        remove=remove,
    )


@pytest.fixture(params=["fake", "unipile"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Each test runs over both."""
    if request.param == "fake":
        yield _fake()
        return
    async with SandboxServer() as server, _client(server.unipile_url) as client:
        yield _real(server, client)


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=5.0)


async def test_every_address_of_a_post_leads_to_one_id(stage: Stage) -> None:
    """Finding A4: three numbers, one post; Finding B6: and its author."""
    for address in stage.addresses:
        found = await stage.lookup.resolve(address, stage.account)
        assert found is not None
        assert found.social_id == stage.social_id
        assert found.author_provider_id == stage.author
        assert found.published_at == _MADE
        assert (found.author_name, found.text) == ("Author", "A post.")
        assert found.url is not None
        assert parse_post(found.url).url == found.url


async def test_a_post_that_is_not_there_is_none(stage: Stage) -> None:
    """Finding A4: there is nothing to act on."""
    unknown = parse_post("urn:li:share:7379160923545699999")
    assert await stage.lookup.resolve(unknown, stage.account) is None
    stage.remove()
    assert await stage.lookup.resolve(stage.addresses[0], stage.account) is None


async def test_an_account_that_may_not_look_is_told_from_a_provider_that_is_away(
    stage: Stage,
) -> None:
    """Finding A4: another account may be asked at once."""
    stage.disconnect()
    with pytest.raises(AccountCannotLook):
        await stage.lookup.resolve(stage.addresses[0], stage.account)


async def test_an_account_that_is_gone_is_no_word_about_the_post() -> None:
    """Finding A4: the provider says of both that there is no such thing."""
    async with SandboxServer() as server, _client(server.unipile_url) as client:
        stage = _real(server, client)
        with pytest.raises(AccountCannotLook):
            await stage.lookup.resolve(stage.addresses[0], "nobody")


async def test_who_does_not_answer_says_nothing_about_the_post() -> None:
    """Finding A4: away, or a wrong key of ours, is no word about a post or an account."""
    fake = FakePostLookup(available=False)
    async with SandboxServer() as server, _client(server.unipile_url) as client:
        wrong_key = _real(server, client, key="wrong").lookup
        async with _client("http://127.0.0.1:1/api/v1") as nowhere:
            gone = HttpPostLookup(nowhere, SecretStr("k"))
            for lookup in (fake, gone, wrong_key, NoPostLookup()):
                with pytest.raises(DependencyUnavailable):
                    await lookup.resolve(parse_post("urn:li:share:7379160923545600000"), "looker")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b'{"social_id": "../../accounts"}'),
        (200, b'{"social_id": null}'),
        (302, b""),
        (404, b"<html>"),
        (429, b'{"type": "errors/too_many_requests"}'),
        (500, b"{}"),
        (503, b"[]"),
    ],
)
async def test_an_answer_without_sense_is_none(status: int, body: bytes) -> None:
    """Finding A4: nothing is concluded from it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    async with httpx.AsyncClient(transport=transport, base_url="http://x/api/v1") as client:
        with pytest.raises(DependencyUnavailable):
            await HttpPostLookup(client, SecretStr("k")).resolve(
                parse_post("urn:li:share:7379160923545600000"), "looker"
            )


async def test_a_date_that_is_no_instant_and_a_missing_author_are_unknown() -> None:
    """Finding B6: nothing is made up."""
    async with SandboxServer() as server, _client(server.unipile_url) as client:
        stage = _real(server, client)
        server.sandbox.behaviour.relative_dates = True
        server.sandbox.behaviour.names_authors = False
        found = await stage.lookup.resolve(stage.addresses[0], stage.account)
        assert found is not None
        assert (found.published_at, found.author_provider_id) == (None, None)
