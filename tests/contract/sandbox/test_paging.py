"""Pages by cursor."""

import pytest

from tests.integration.sandbox.driver import Driver, Json, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def pages(driver: Driver, path: str, **query: str | int) -> list[list[Json]]:
    found: list[list[Json]] = []
    cursor: str | None = None
    while cursor is not None or not found:
        extra = {} if cursor is None else {"cursor": cursor}
        response = await driver.get(path, **query, **extra)
        assert response.status_code == 200, response.text
        found.append(response.json()["items"])
        cursor = response.json()["cursor"]
    return found


async def test_comments_come_newest_first_page_by_page(driver: Driver) -> None:
    post = await driver.post()
    for number in range(25):
        await driver.comment("bob", post, f"No. {number}")
    path = f"/posts/{post['social_id']}/comments"
    found = await pages(driver, path, account_id="ada")
    assert [len(items) for items in found] == [10, 10, 5]
    texts = [item["text"] for items in found for item in items]
    assert texts == [f"No. {number}" for number in reversed(range(25))]


async def test_a_cursor_stands_still_when_something_new_arrives(driver: Driver) -> None:
    post = await driver.post()
    for number in range(4):
        await driver.comment("bob", post, f"No. {number}")
    path = f"/posts/{post['social_id']}/comments"
    first = (await driver.get(path, account_id="ada", limit=2)).json()
    await driver.comment("bob", post, "late")
    second = (await driver.get(path, account_id="ada", limit=2, cursor=first["cursor"])).json()
    assert [item["text"] for item in second["items"]] == ["No. 1", "No. 0"]
    assert second["cursor"] is None


async def test_accounts_are_paged(driver: Driver) -> None:
    await driver.control("POST", "/accounts", {"count": 251, "id_prefix": "member"})
    found = await pages(driver, "/accounts", limit=250)
    assert [len(items) for items in found] == [250, 3]
    assert len({item["id"] for items in found for item in items}) == 253


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5"])
async def test_a_limit_out_of_range_is_refused(driver: Driver, limit: str) -> None:
    post = await driver.post()
    for listing in ("comments", "reactions"):
        path = f"/posts/{post['social_id']}/{listing}"
        response = await driver.get(path, account_id="ada", limit=limit)
        assert problem(response) == (400, "invalid_parameters")


async def test_chats_and_accounts_take_up_to_250(driver: Driver) -> None:
    for path in ("/accounts", "/chats"):
        assert (await driver.get(path, limit=250)).status_code == 200
        assert problem(await driver.get(path, limit=251)) == (400, "invalid_parameters")


async def test_a_foreign_cursor_is_refused(driver: Driver) -> None:
    post, other = await driver.post(), await driver.post()
    for number in range(2):
        await driver.comment("bob", post, f"No. {number}")
    path = f"/posts/{post['social_id']}/comments"
    cursor = (await driver.get(path, account_id="ada", limit=1)).json()["cursor"]
    elsewhere = f"/posts/{other['social_id']}/comments"
    response = await driver.get(elsewhere, account_id="ada", cursor=cursor)
    assert problem(response) == (400, "invalid_parameters")
    response = await driver.get(path, account_id="ada", cursor="made-up")
    assert problem(response) == (400, "invalid_parameters")


async def test_queries_are_strict(driver: Driver) -> None:
    post = await driver.post()
    path = f"/posts/{post['social_id']}/comments"
    assert problem(await driver.get(path)) == (400, "missing_parameters")
    response = await driver.get(path, account_id="ada", sort_by="date")
    assert problem(response) == (400, "invalid_parameters")
    assert "sort_by" in response.json()["detail"]
