"""Posts: their ids, what is read of them, publishing and reposting (P5, Q7)."""

import re
from datetime import datetime
from typing import Any

import pytest

from chorus_sandbox.world.ids import instant_ms
from tests.integration.sandbox.driver import API, Driver, Json, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read(driver: Driver, reference: str, account_id: str = "bob") -> Json:
    response = await driver.get(f"/posts/{reference}", account_id=account_id)
    assert response.status_code == 200, response.text
    body: Json = response.json()
    return body


async def test_a_post_is_read_by_its_number_and_by_each_of_its_urns(driver: Driver) -> None:
    post = await driver.post(text="How we ship")
    for reference in (post["id"], *post["urns"].values()):
        shown = await read(driver, reference)
        assert shown["social_id"] == post["social_id"]
    numbers = {urn.rpartition(":")[2] for urn in post["urns"].values()}
    assert len(numbers) == 3


async def test_a_bare_share_number_names_no_post(driver: Driver) -> None:
    post = await driver.post()
    number = post["urns"]["share"].rpartition(":")[2]
    response = await driver.get(f"/posts/{number}", account_id="bob")
    assert problem(response) == (404, "resource_not_found")
    response = await driver.get("/posts/hello", account_id="bob")
    assert problem(response) == (404, "invalid_resource_identifier")


async def test_the_share_url_holds_slug_number_and_tail(driver: Driver) -> None:
    post = await driver.post(text="How we ship on Fridays")
    pattern = (
        r"https://www\.linkedin\.com/posts/ada-byron_how-we-ship-on-fridays"
        rf"-activity-{post['id']}-[A-Za-z0-9]{{4}}/"
    )
    assert re.fullmatch(pattern, post["share_url"])


async def test_the_number_carries_the_time(driver: Driver) -> None:
    post = await driver.post(created_ms=1_760_000_000_123)
    assert instant_ms(int(post["id"])) == 1_760_000_000_123
    shown = await read(driver, post["id"])
    stamp = datetime.fromisoformat(shown["parsed_datetime"])
    assert stamp.timestamp() == pytest.approx(1_760_000_000.123)


@pytest.mark.parametrize("form", ["share", "ugcPost"])
async def test_the_social_id_may_have_another_form(driver: Driver, form: str) -> None:
    post = await driver.post(social_form=form)
    assert post["social_id"] == post["urns"][form]
    assert (await driver.like("bob", post)).status_code == 201


async def test_counters_and_own_reaction_are_the_readers(driver: Driver) -> None:
    post = await driver.post()
    await driver.like("bob", post)
    await driver.comment("bob", post)
    await driver.repost("bob", post)
    mine, other = await read(driver, post["id"], "bob"), await read(driver, post["id"], "ada")
    assert mine["user_reacted"] == "LIKE"
    assert "user_reacted" not in other
    counters = ("reaction_counter", "comment_counter", "repost_counter")
    assert [mine[name] for name in counters] == [1, 1, 1]


async def test_publishing_answers_an_id_that_can_be_read(driver: Driver) -> None:
    response = await driver.form("/posts", account_id="ada", text="A new thing")
    assert response.status_code == 201
    assert response.json()["object"] == "PostCreated"
    shown = await read(driver, response.json()["post_id"])
    assert (shown["text"], shown["author"]["public_identifier"]) == ("A new thing", "ada-byron")
    assert shown["is_repost"] is False
    effect = (await driver.effects())[0]
    assert (effect["kind"], effect["text"]) == ("publish", "A new thing")
    assert effect["post_id"] == shown["social_id"]


async def test_attachments_are_files(driver: Driver) -> None:
    parts: list[tuple[str, Any]] = [
        ("account_id", (None, "ada")),
        ("text", (None, "")),
        ("attachments", ("chart.png", b"\x89PNG" * 100, "image/png")),
    ]
    response = await driver.client.post(f"{API}/posts", files=parts)
    shown = await read(driver, response.json()["post_id"])
    assert [item["id"] for item in shown["attachments"]] == ["chart.png"]


async def test_an_instant_repost_answers_null_and_is_found_in_the_list(driver: Driver) -> None:
    """P5, E5: without an id in the answer, the list of own posts is the way to verify."""
    post = await driver.post(text="How we ship")
    response = await driver.repost("bob", post)
    assert (response.status_code, response.json()["post_id"]) == (201, None)
    me = (await driver.get("/users/me", account_id="bob")).json()["provider_id"]
    items = (await driver.get(f"/users/{me}/posts", account_id="bob")).json()["items"]
    assert [item["is_repost"] for item in items] == [True]
    assert items[0]["repost_content"]["id"] == post["id"]
    assert items[0]["reposted_by"]["public_identifier"] == "bob-stone"
    effect = (await driver.effects())[0]
    assert (effect["kind"], effect["target"]) == ("repost", post["social_id"])


async def test_a_repost_with_thoughts_is_a_post_of_its_own(driver: Driver) -> None:
    post = await driver.post()
    response = await driver.repost("bob", post, "Worth a read.")
    shown = await read(driver, response.json()["post_id"])
    assert (shown["text"], shown["is_repost"]) == ("Worth a read.", True)


async def test_an_instant_repost_may_be_told_to_answer_its_id(driver: Driver) -> None:
    await driver.control("POST", "/settings", {"repost_returns_id": True})
    response = await driver.repost("bob", await driver.post())
    assert (await read(driver, response.json()["post_id"]))["is_repost"] is True


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"account_id": "ada"}, (400, "missing_parameters")),
        ({"text": "Hi"}, (400, "missing_parameters")),
        ({"account_id": "ada", "text": ""}, (400, "invalid_parameters")),
        ({"account_id": "ada", "text": "x" * 3001}, (400, "too_many_characters")),
        ({"account_id": ["ada", "bob"], "text": "Hi"}, (400, "invalid_parameters")),
        ({"account_id": "ada", "text": "Hi", "body": "Hi"}, (400, "invalid_parameters")),
        ({"account_id": "ada", "text": "", "repost": "7332661864792854528"}, (422, "invalid_post")),
        ({"account_id": "ada", "text": "Hi", "attachments": "x"}, (400, "invalid_parameters")),
    ],
)
async def test_publishing_is_checked(
    driver: Driver, fields: dict[str, str | list[str]], expected: tuple[int, str]
) -> None:
    assert problem(await driver.form("/posts", **fields)) == expected
    assert await driver.effects() == []
