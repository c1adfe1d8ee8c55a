"""Reposting on LinkedIn's site, and what the truth says of it."""

import pytest

from tests.integration.sandbox.driver import Driver
from tests.integration.sandbox.visitor import SHARES, UNDO, Visitor, boot_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_instant_repost_is_an_effect(driver: Driver) -> None:
    """K4: recorded with account, target and the headers that came with it; no link by default."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")

    share = (await visitor.repost(post)).json()["data"]["createShare"]
    (effect,) = await driver.effects()
    assert share["toast"] == {"text": "Repost successful."}
    assert share["shareUrn"].startswith("urn:li:share:")
    assert (effect["kind"], effect["account_id"], effect["text"]) == ("repost", "bob", "")
    assert effect["target"] == effect["post_id"] == post["social_id"]


async def test_a_toast_may_link_to_an_instant_repost(driver: Driver) -> None:
    """With the setting; the link opens the repost."""
    await driver.control("PATCH", "/linkedin", {"toast_link": True})
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")

    link = (await visitor.repost(post)).json()["data"]["createShare"]["toast"]["link"]
    assert link["text"] == "View repost"
    assert "Bob Stone reposted this" in (await visitor.get(link["href"])).text


async def test_a_repost_with_thoughts_is_a_post_with_the_original_in_it(driver: Driver) -> None:
    """P6: its toast links to it; it does not count as the instant one."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")

    toast = (await visitor.repost(post, "So true")).json()["data"]["createShare"]["toast"]
    page = (await visitor.get(toast["link"]["href"])).text
    assert toast["link"]["text"] == "View post"
    assert "So true" in page
    assert f'data-urn="{post["urns"]["activity"]}"' in page
    assert await visitor.bar(post) == "open"
    assert [effect["text"] for effect in await driver.effects()] == ["So true"]


async def test_a_second_repost_is_a_double(driver: Driver) -> None:
    """INVARIANT: what reached the endpoint twice is told as a double, on whichever way."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await visitor.repost(post)
    await visitor.repost(post)
    await driver.repost("bob", post)

    (double,) = (await driver.control("GET", "/truth/summary"))["doubles"]
    assert (double["kind"], double["times"], double["seqs"]) == ("repost", 3, [1, 2, 3])


async def test_undo_takes_the_instant_repost_back(driver: Driver) -> None:
    """It is no effect of the truth, and counted; a new repost after it is a double all the same."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    await visitor.repost(post)

    undone = await visitor.write(UNDO, {"parentUrn": post["urns"]["activity"]})
    assert undone.json() == {"toast": {"text": "Repost removed."}}
    assert await visitor.bar(post) == "open"
    assert len(await driver.effects()) == 1
    assert (await driver.control("GET", "/linkedin"))["accounts"]["bob"]["undos"] == 1


async def test_reposting_an_instant_repost_reposts_its_original(driver: Driver) -> None:
    """As its page shows the original's content."""
    post = await driver.post(text="One")
    repost = await driver.post("ada", repost_of=post["id"])
    visitor = await Visitor.of(driver.client, "bob")
    await visitor.repost(repost)

    (effect,) = await driver.effects()
    assert effect["target"] == post["social_id"]


@pytest.mark.parametrize("setting", [{"can_share": False}, {"twist": "not_permitted"}])
async def test_a_closed_post_is_refused_with_200(
    driver: Driver, setting: dict[str, object]
) -> None:
    """P6: the answer's status is 200; its errors say no, in the reader's language."""
    post = await driver.post(text="One")
    await driver.control("PATCH", f"/posts/{post['id']}", setting)
    await driver.control("PATCH", "/accounts/bob", {"language": "es"})
    visitor = await Visitor.of(driver.client, "bob")

    answer = await visitor.repost(post)
    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error["message"] == "Esta publicación no se puede volver a publicar."
    assert await visitor.bar(post) == "closed"
    assert await driver.effects() == []
    refused = (await driver.control("GET", "/truth/refused"))["items"]
    assert [(r["why"], r["status"], r["account_id"]) for r in refused] == [
        ("not_permitted", 200, "bob")
    ]


@pytest.mark.parametrize(
    "body", [[], {}, {"parentUrn": 1, "commentary": {"text": ""}}, {"parentUrn": "urn:li:x"}]
)
async def test_a_body_that_says_nothing_is_refused(driver: Driver, body: object) -> None:
    """Nothing is guessed."""
    visitor = await Visitor.of(driver.client, "bob")
    answer = await visitor.write(SHARES, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_REQUEST")


async def test_pages_and_writes_are_counted_by_account(driver: Driver) -> None:
    """So that a test can say how many page loads a repost takes."""
    post = await driver.post(text="One")
    visitor = await Visitor.of(driver.client, "bob")
    page = boot_of((await visitor.open(post)).text)["page"]
    await visitor.bar(post, page=page)
    await visitor.repost(post, page=page)

    counts = (await driver.control("GET", "/linkedin"))["accounts"]
    assert counts == {"bob": {"sessions": 1, "pages": 1, "api": 1, "writes": 1}}
