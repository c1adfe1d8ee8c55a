"""Accounts, profiles and direct messages (W2, W3)."""

import pytest

from tests.integration.sandbox.driver import Driver, Json, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def person(driver: Driver, **fields: object) -> Json:
    return await driver.control("POST", "/people", {"name": "Eve Moss", **fields})


async def test_an_account_names_its_person_and_status(driver: Driver) -> None:
    account = (await driver.get("/accounts/ada")).json()
    assert (account["object"], account["type"], account["name"]) == (
        "Account",
        "LINKEDIN",
        "Ada Byron",
    )
    assert account["connection_params"]["im"]["publicIdentifier"] == "ada-byron"
    assert account["sources"] == [{"id": "ada_MESSAGING", "status": "OK"}]
    assert problem(await driver.get("/accounts/none")) == (404, "resource_not_found")


async def test_a_profile_is_found_by_slug_and_by_provider_id(driver: Driver) -> None:
    eve = await person(driver, public_identifier="eve-moss", degree="SECOND_DEGREE")
    by_slug = (await driver.get("/users/eve-moss", account_id="ada")).json()
    by_id = (await driver.get(f"/users/{eve['provider_id']}", account_id="ada")).json()
    assert by_slug == by_id
    assert by_slug["provider_id"] == eve["provider_id"]
    assert (by_slug["network_distance"], by_slug["is_relationship"]) == ("SECOND_DEGREE", False)
    assert problem(await driver.get("/users/nobody", account_id="ada")) == (
        404,
        "resource_not_found",
    )


async def test_lists_of_a_person_need_the_provider_id(driver: Driver) -> None:
    for listing in ("posts", "comments", "reactions"):
        response = await driver.get(f"/users/ada-byron/{listing}", account_id="ada")
        assert problem(response) == (404, "invalid_resource_identifier")


async def test_a_direct_message_opens_one_chat_and_reuses_it(driver: Driver) -> None:
    """W2: one conversation a person."""
    eve = await person(driver)
    answers = [
        await driver.form(
            "/chats", account_id="ada", attendees_ids=eve["provider_id"], text=f"Hello {number}"
        )
        for number in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["object"] == "ChatStarted"
    assert answers[0].json()["chat_id"] == answers[1].json()["chat_id"]
    chats = (await driver.get("/chats", account_id="ada")).json()["items"]
    assert [chat["attendee_provider_id"] for chat in chats] == [eve["provider_id"]]
    effects = await driver.effects("?kind=dm")
    assert [effect["target"] for effect in effects] == [eve["provider_id"]] * 2


async def test_a_reply_is_read_in_the_chat_that_the_message_opened(driver: Driver) -> None:
    """W3: every message since, not just the newest."""
    eve = await person(driver)
    started = await driver.form(
        "/chats", account_id="ada", attendees_ids=eve["provider_id"], text="Your e-mail?"
    )
    chat_id = started.json()["chat_id"]
    for text in ("Sure", "eve@example.org"):
        reply = {"account_id": "ada", "from_provider_id": eve["provider_id"], "text": text}
        await driver.control("POST", "/messages", reply)
    sent = await driver.form(f"/chats/{chat_id}/messages", text="Here it is")
    assert (sent.status_code, sent.json()["object"]) == (201, "MessageSent")
    items = (await driver.get(f"/chats/{chat_id}/messages")).json()["items"]
    assert [(item["text"], item["is_sender"]) for item in items] == [
        ("Here it is", 1),
        ("eve@example.org", 0),
        ("Sure", 0),
        ("Your e-mail?", 1),
    ]
    own = await driver.get(f"/chats/{chat_id}/messages", sender_id=eve["provider_id"])
    assert len(own.json()["items"]) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"account_id": "ada", "text": "Hi"}, (400, "missing_parameters")),
        (
            {"account_id": "ada", "attendees_ids": "bob-stone", "text": "Hi"},
            (422, "invalid_recipient"),
        ),
        ({"account_id": "ada", "attendees_ids": "ACoAAx", "text": ""}, (400, "invalid_parameters")),
    ],
)
async def test_a_chat_is_checked(
    driver: Driver, fields: dict[str, str | list[str]], expected: tuple[int, str]
) -> None:
    assert problem(await driver.form("/chats", **fields)) == expected
    assert await driver.effects() == []


async def test_only_connections_can_be_written_to(driver: Driver) -> None:
    eve = await person(driver, degree="SECOND_DEGREE")
    response = await driver.form(
        "/chats", account_id="ada", attendees_ids=eve["provider_id"], text="Hello"
    )
    assert problem(response) == (422, "no_connection_with_recipient")


async def test_a_chat_belongs_to_its_account(driver: Driver) -> None:
    eve = await person(driver)
    started = await driver.form(
        "/chats", account_id="ada", attendees_ids=eve["provider_id"], text="Hello"
    )
    path = f"/chats/{started.json()['chat_id']}/messages"
    response = await driver.form(path, account_id="bob", text="Hello")
    assert problem(response) == (403, "account_mismatch")
    assert problem(await driver.get("/chats/none/messages")) == (404, "resource_not_found")
    assert problem(await driver.form("/chats/none/messages", text="Hi")) == (
        404,
        "resource_not_found",
    )
