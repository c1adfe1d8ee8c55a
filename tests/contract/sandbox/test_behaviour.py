"""The sandbox behaves as networks do, where it is told to; the truth stays what was sent."""

from typing import Any

import httpx
import pytest

from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.clock import MovableClock
from tests.integration.sandbox.driver import Driver, fresh_driver

LINK = "https://example.com/a-very-long-way/to/the-article?utm_source=pod"
SENT = f'  @ada-byron said  "ship it"...\n\n\n\nIt\'s at {LINK}.  '
SHOWN = "Ada Byron said “ship it”…\n\nIt’s at https://lnkd.in/"  # noqa: RUF001 - what readers see


class World:
    """A sandbox whose clock is moved by hand, and a driver of it."""

    def __init__(self, clock: MovableClock, driver: Driver) -> None:
        self.clock = clock
        self.driver = driver

    async def behave(self, **changes: object) -> None:
        await self.driver.control("PATCH", "/behaviour", changes)

    async def listed(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = (await self.driver.get(path, account_id="bob", **query)).json()
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def seen(self, reference: str) -> dict[str, Any]:
        answer: dict[str, Any] = (
            await self.driver.get(f"/posts/{reference}", account_id="bob")
        ).json()
        return answer

    async def own_posts(self) -> list[dict[str, Any]]:
        me = (await self.driver.get("/users/me", account_id="bob")).json()["provider_id"]
        return await self.listed(f"/users/{me}/posts")


@pytest.fixture
async def world() -> Any:
    clock = MovableClock()
    async with (
        SandboxServer(clock=clock) as server,
        httpx.AsyncClient(base_url=server.url, timeout=10) as client,
    ):
        yield World(clock, await fresh_driver(client))


async def test_texts_come_back_rewritten_and_the_truth_keeps_what_was_sent(world: World) -> None:
    """Findings A3: links, mentions, quotes, ellipses and spaces are changed on the way."""
    await world.behave(rewrites_texts=True)
    post = await world.driver.post()
    await world.driver.comment("bob", post, SENT)
    await world.driver.form("/posts", account_id="bob", text=SENT)
    await world.driver.repost("bob", post, SENT)

    (comment,) = await world.listed(f"/posts/{post['social_id']}/comments")
    texts = [comment["text"], *(item["text"] for item in await world.own_posts())]

    assert [text.startswith(SHOWN) for text in texts] == [True] * 3
    assert all(LINK not in text and text.endswith(".") for text in texts)
    assert [effect["text"] for effect in await world.driver.effects()] == [SENT] * 3


async def test_one_post_has_three_ids_and_one_social_id(world: World) -> None:
    """Finding A4: activity, share and ugcPost numbers differ, and each of them is the post."""
    await world.behave(three_ids=True)
    post = await world.driver.post()
    named = [await world.seen(post["urns"]["share"]) for _ in range(3)]

    assert len({item["id"] for item in named}) == 3
    assert len({item["share_url"] for item in named}) == 3
    assert {item["social_id"] for item in named} == {post["social_id"]}
    for item in named:
        assert (await world.seen(item["id"]))["social_id"] == post["social_id"]


async def test_what_lands_late_is_nowhere_before(world: World) -> None:
    """Finding A8: the call is answered, and its effect is not to be seen for a time."""
    await world.behave(late_ms=20_000, late_answered=True)
    post = await world.driver.post()
    assert (await world.driver.like("bob", post)).status_code == 201
    made = (await world.driver.form("/posts", account_id="bob", text="Hello.")).json()["post_id"]

    assert "user_reacted" not in await world.seen(post["social_id"])
    assert (await world.seen(made))["status"] == 404
    assert await world.own_posts() == []
    assert len(await world.driver.effects()) == 2, "the truth is not late"
    world.clock.move(20.0)
    assert (await world.seen(post["social_id"]))["user_reacted"] == "LIKE"
    assert (await world.seen(made))["text"] == "Hello."
    assert len(await world.own_posts()) == 1


async def test_a_call_whose_client_has_gone_lands_late(world: World) -> None:
    """Finding A8: a time-out is no proof that nothing happens any more."""
    await world.behave(late_ms=400)
    post = await world.driver.post()
    with pytest.raises(httpx.ReadTimeout):
        await world.driver.like("bob", post, timeout=0.1)

    assert await world.driver.effects() == []
    while not await world.driver.effects():
        continue
    assert (await world.seen(post["social_id"]))["user_reacted"] == "LIKE"


async def test_a_share_of_all_writes_is_late(world: World) -> None:
    await world.behave(late_ms=20_000, late_answered=True, late_share=0.5)
    for _ in range(20):
        await world.driver.form("/posts", account_id="bob", text="Hello.")
    assert 0 < len(await world.own_posts()) < 10  # a page holds ten
    world.clock.move(20.0)
    assert len(await world.own_posts()) == 10


async def test_lists_are_behind_what_they_list(world: World) -> None:
    """Finding A3: a new post is there by its id before any list has it."""
    await world.behave(behind_ms=5_000)
    post = await world.driver.post()
    await world.driver.like("bob", post)
    await world.driver.comment("bob", post, "Well said.")
    made = (await world.driver.form("/posts", account_id="bob", text="Hello.")).json()["post_id"]

    assert (await world.seen(made))["text"] == "Hello."
    assert (await world.seen(post["social_id"]))["user_reacted"] == "LIKE"
    lists = [f"/posts/{post['social_id']}/{what}" for what in ("comments", "reactions")]
    assert [await world.listed(each) for each in lists] == [[], []]
    assert await world.own_posts() == []
    world.clock.move(5.0)
    assert [len(await world.listed(each)) for each in lists] == [1, 1]
    assert len(await world.own_posts()) == 1


async def test_dates_and_authors_are_shown_as_asked(world: World) -> None:
    post = await world.driver.post()
    assert (await world.seen(post["id"]))["author"]["id"] == post["author_provider_id"]
    await world.behave(relative_dates=True, names_authors=False)
    world.clock.move(2.5 * 3600)
    shown = await world.seen(post["id"])
    assert shown["date"] == "2h"
    assert not {"parsed_datetime", "author"} & shown.keys()


async def test_a_misspelt_behaviour_is_refused(world: World) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        await world.behave(lates_ms=5)
    with pytest.raises(httpx.HTTPStatusError):
        await world.behave(behind_ms=10_000_000)
    assert (await world.driver.control("GET", "/behaviour"))["behind_ms"] == 0
