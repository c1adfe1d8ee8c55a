"""Reactions and comments as they are read back (E2, E3, E5)."""

import pytest

from tests.integration.sandbox.driver import Driver

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("sent", "read_back"),
    [
        (None, "LIKE"),
        ("like", "LIKE"),
        ("celebrate", "PRAISE"),
        ("support", "APPRECIATION"),
        ("love", "EMPATHY"),
        ("insightful", "INTEREST"),
        ("funny", "ENTERTAINMENT"),
    ],
)
async def test_reactions_are_read_back_by_linkedins_names(
    driver: Driver, sent: str | None, read_back: str
) -> None:
    post = await driver.post()
    body = {"account_id": "bob", "post_id": post["social_id"]}
    response = await driver.send(
        "/posts/reaction", body | ({"reaction_type": sent} if sent else {})
    )
    assert (response.status_code, response.json()) == (201, {"object": "ReactionAdded"})
    listed = (await driver.get(f"/posts/{post['social_id']}/reactions", account_id="ada")).json()
    assert [item["value"] for item in listed["items"]] == [read_back]
    author = listed["items"][0]["author"]
    assert (author["name"], author["type"]) == ("Bob Stone", "INDIVIDUAL")


async def test_a_second_reaction_is_one_on_the_post_and_two_in_the_truth(driver: Driver) -> None:
    """INVARIANT: each accepted write is in the truth, though LinkedIn keeps one reaction (E5)."""
    post = await driver.post()
    for _ in range(2):
        assert (await driver.like("bob", post)).status_code == 201
    listed = (await driver.get(f"/posts/{post['social_id']}/reactions", account_id="ada")).json()
    assert len(listed["items"]) == 1
    truth = await driver.control("GET", "/truth")
    assert [effect["seq"] for effect in truth["effects"]] == [1, 2]
    double = truth["doubles"][0]
    assert (double["kind"], double["target"], double["times"]) == ("like", post["social_id"], 2)


async def test_a_comment_answers_no_id_and_is_listed(driver: Driver) -> None:
    post = await driver.post()
    response = await driver.comment("bob", post, "Great read")
    assert (response.status_code, response.json()) == (201, {"object": "CommentSent"})
    listed = (await driver.get(f"/posts/{post['social_id']}/comments", account_id="ada")).json()
    item = listed["items"][0]
    assert (item["text"], item["author"]) == ("Great read", "Bob Stone")
    assert item["author_details"]["network_distance"] == "FIRST_DEGREE"
    assert listed["total_items"] == 1
    assert listed["paging"] == {"start": 0, "page_count": 1, "total_count": 1}


async def test_a_reply_stands_under_its_comment(driver: Driver) -> None:
    post = await driver.post()
    seeded = await driver.control(
        "POST", f"/posts/{post['id']}/comments", {"name": "Eve", "text": "GUIDE please"}
    )
    path = f"/posts/{post['social_id']}/comments"
    body = {"account_id": "ada", "text": "Sent!", "comment_id": seeded["id"]}
    assert (await driver.send(path, body)).status_code == 201
    top = (await driver.get(path, account_id="ada")).json()["items"]
    replies = (await driver.get(path, account_id="ada", comment_id=seeded["id"])).json()["items"]
    assert [(item["text"], item["reply_counter"]) for item in top] == [("GUIDE please", 1)]
    assert [item["text"] for item in replies] == ["Sent!"]
    assert (await driver.effects())[0]["target"] == seeded["id"]


async def test_a_comment_can_be_reacted_to(driver: Driver) -> None:
    post = await driver.post()
    seeded = await driver.control(
        "POST", f"/posts/{post['id']}/comments", {"name": "Eve", "text": "Nice"}
    )
    body = {"account_id": "ada", "post_id": post["social_id"], "comment_id": seeded["id"]}
    assert (await driver.send("/posts/reaction", body)).status_code == 201
    path = f"/posts/{post['social_id']}/reactions"
    on_comment = (await driver.get(path, account_id="ada", comment_id=seeded["id"])).json()
    on_post = (await driver.get(path, account_id="ada")).json()
    assert [item["comment_id"] for item in on_comment["items"]] == [seeded["id"]]
    assert on_post["items"] == []


async def test_what_a_person_did_can_be_listed(driver: Driver) -> None:
    post = await driver.post()
    await driver.like("bob", post)
    await driver.comment("bob", post, "Mine")
    me = (await driver.get("/users/me", account_id="bob")).json()["provider_id"]
    reactions = (await driver.get(f"/users/{me}/reactions", account_id="bob")).json()
    comments = (await driver.get(f"/users/{me}/comments", account_id="bob")).json()
    assert [item["post_id"] for item in reactions["items"]] == [post["social_id"]]
    item = comments["items"][0]
    assert (item["text"], item["post_urn"]) == ("Mine", post["social_id"])


async def test_trace_and_idempotency_headers_are_in_the_truth(driver: Driver) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    response = await driver.like(
        "bob", await driver.post(), headers={"traceparent": trace, "Idempotency-Key": "k-1"}
    )
    effect = (await driver.effects())[0]
    assert effect["headers"] == {"traceparent": trace, "idempotency-key": "k-1"}
    assert effect["request_id"] == response.headers["x-request-id"]
