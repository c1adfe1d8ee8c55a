"""What the sandbox's Unipile refuses, and how. E6 is judged by these answers."""

from typing import Any

import pytest

from tests.integration.sandbox.driver import API, Driver, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
JSON = {"content-type": "application/json"}


async def test_a_request_without_a_key_is_refused(driver: Driver) -> None:
    del driver.client.headers["X-API-KEY"]
    assert problem(await driver.get("/accounts")) == (401, "missing_credentials")
    body = {"account_id": "ada", "post_id": "urn:li:activity:7332661864792854528"}
    assert problem(await driver.send("/posts/reaction", body)) == (401, "missing_credentials")
    assert await driver.effects() == []


async def test_a_wrong_key_is_refused(driver: Driver) -> None:
    response = await driver.client.get(f"{API}/accounts", headers={"X-API-KEY": "guess"})
    assert problem(response) == (401, "invalid_credentials")


async def test_unknown_routes_are_404(driver: Driver) -> None:
    assert problem(await driver.get("/nothing")) == (404, "resource_not_found")
    response = await driver.client.delete(f"{API}/posts/reaction")
    assert problem(response) == (404, "resource_not_found")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reaction": "like"}, (400, "invalid_parameters")),
        ({"reaction_type": "adore"}, (400, "invalid_parameters")),
        ({"reaction_type": ["like"]}, (400, "invalid_parameters")),
        ({"account_id": None}, (400, "missing_parameters")),
        ({"account_id": 7}, (400, "invalid_parameters")),
        ({"account_id": ""}, (400, "invalid_parameters")),
        ({"account_id": "nobody"}, (404, "resource_not_found")),
        ({"comment_id": "7332661864792854528"}, (404, "resource_not_found")),
        ({"post_id": "7332661864792854528"}, (422, "invalid_post")),
        ({"post_id": "https://www.linkedin.com/feed"}, (404, "invalid_resource_identifier")),
        ({"post_id": "urn:li:activity:7332661864792854528"}, (404, "resource_not_found")),
    ],
)
async def test_a_reaction_is_checked(
    driver: Driver, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    post = await driver.post()
    body = {"account_id": "bob", "post_id": post["social_id"]} | change
    assert problem(await driver.send("/posts/reaction", body)) == expected
    assert await driver.effects() == []


async def test_an_unknown_field_is_named(driver: Driver) -> None:
    post = await driver.post()
    body = {"account_id": "bob", "text": "Hi", "reply_to": "1"}
    response = await driver.send(f"/posts/{post['social_id']}/comments", body)
    assert problem(response) == (400, "invalid_parameters")
    assert "reply_to" in response.json()["detail"]


async def test_without_strictness_an_unknown_field_is_dropped(driver: Driver) -> None:
    """As the real API is reported to do: a misnamed reply field makes a top-level comment."""
    await driver.control("POST", "/settings", {"strict": False})
    post = await driver.post()
    body = {"account_id": "bob", "text": "Hi", "reply_to": "1"}
    response = await driver.send(f"/posts/{post['social_id']}/comments", body)
    assert response.status_code == 201
    assert (await driver.effects())[0]["target"] == post["social_id"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"text": ""}, (400, "invalid_parameters")),
        ({"text": None}, (400, "missing_parameters")),
        ({"text": "x" * 1251}, (400, "too_many_characters")),
        ({"mentions": "Ada"}, (400, "invalid_parameters")),
        ({"mentions": [{"name": "Ada"}]}, (400, "missing_parameters")),
        ({"comment_id": "12"}, (404, "resource_not_found")),
    ],
)
async def test_a_comment_is_checked(
    driver: Driver, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    post = await driver.post()
    body = {"account_id": "bob", "text": "Hi"} | change
    response = await driver.send(f"/posts/{post['social_id']}/comments", body)
    assert problem(response) == expected
    assert await driver.effects() == []


async def test_a_comment_of_1250_characters_passes(driver: Driver) -> None:
    post = await driver.post()
    assert (await driver.comment("bob", post, "x" * 1250)).status_code == 201


@pytest.mark.parametrize("form", ["share", "ugcPost"])
async def test_actions_take_the_social_id_alone(driver: Driver, form: str) -> None:
    post = await driver.post()
    other = {"social_id": post["urns"][form]}
    assert problem(await driver.like("bob", other)) == (404, "resource_not_found")
    assert problem(await driver.comment("bob", other)) == (404, "resource_not_found")
    assert problem(await driver.repost("bob", other)) == (404, "resource_not_found")
    response = await driver.get(f"/posts/{post['urns'][form]}/reactions", account_id="bob")
    assert problem(response) == (404, "resource_not_found")


@pytest.mark.parametrize(
    "path", ["/posts/reaction", "/posts/urn:li:activity:7332661864792854528/comments"]
)
async def test_json_routes_refuse_other_bodies(driver: Driver, path: str) -> None:
    form = await driver.client.post(API + path, data={"account_id": "ada"})
    assert problem(form) == (415, "unsupported_media_type")
    broken = await driver.client.post(API + path, content=b"{", headers=JSON)
    assert problem(broken) == (400, "malformed_request")
    listed = await driver.client.post(API + path, content=b"[]", headers=JSON)
    assert problem(listed) == (400, "invalid_parameters")


@pytest.mark.parametrize("path", ["/posts", "/chats"])
async def test_form_routes_refuse_other_bodies(driver: Driver, path: str) -> None:
    body = {"account_id": "ada", "text": "Hi"}
    assert problem(await driver.send(path, body)) == (415, "unsupported_media_type")
    response = await driver.client.post(API + path, data=body)
    assert problem(response) == (415, "unsupported_media_type")
    broken = {"content-type": "multipart/form-data; boundary=b"}
    response = await driver.client.post(API + path, content=b"junk", headers=broken)
    assert problem(response) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREDENTIALS", (401, "disconnected_account")),
        ("STOPPED", (401, "disconnected_account")),
        ("ERROR", (401, "disconnected_account")),
        ("PERMISSIONS", (403, "insufficient_permissions")),
        ("CONNECTING", (503, "no_client_session")),
    ],
)
async def test_an_account_that_is_not_ok_cannot_act(
    driver: Driver, status: str, expected: tuple[int, str]
) -> None:
    """E6: auth errors."""
    post = await driver.post()
    await driver.control("PATCH", "/accounts/bob", {"status": status})
    assert problem(await driver.like("bob", post)) == expected
    assert problem(await driver.comment("bob", post)) == expected
    assert problem(await driver.repost("bob", post)) == expected
    account = (await driver.get("/accounts/bob")).json()
    assert account["sources"][0]["status"] == status


async def test_a_post_that_is_gone_takes_nothing(driver: Driver) -> None:
    """E6: post_not_found."""
    post = await driver.post()
    await driver.control("PATCH", f"/posts/{post['id']}", {"gone": True})
    assert problem(await driver.like("bob", post)) == (404, "resource_not_found")
    response = await driver.get(f"/posts/{post['id']}", account_id="bob")
    assert problem(response) == (404, "resource_not_found")


async def test_permissions_of_a_post_hold(driver: Driver) -> None:
    post = await driver.post()
    closed = {"can_react": False, "can_share": False, "can_post_comments": False}
    await driver.control("PATCH", f"/posts/{post['id']}", closed)
    assert problem(await driver.like("bob", post)) == (403, "insufficient_permissions")
    assert problem(await driver.comment("bob", post)) == (403, "insufficient_permissions")
    assert problem(await driver.repost("bob", post)) == (403, "insufficient_permissions")
    shown = (await driver.get(f"/posts/{post['id']}", account_id="bob")).json()
    assert shown["permissions"] == closed


async def test_refused_writes_are_in_the_truth(driver: Driver) -> None:
    """INVARIANT: a refused write is told apart from an accepted one."""
    post = await driver.post()
    await driver.like("nobody", post)
    await driver.comment("bob", post, "x" * 2000)
    summary = await driver.control("GET", "/truth/summary")
    assert summary["total"] == 0
    assert summary["refused"] == {
        "like": {"resource_not_found": 1},
        "comment": {"too_many_characters": 1},
    }
    refused = (await driver.control("GET", "/truth/refused"))["items"]
    assert [(item["kind"], item["status"]) for item in refused] == [("like", 404), ("comment", 400)]
