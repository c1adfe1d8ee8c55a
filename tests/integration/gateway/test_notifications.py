"""Notices: to whom they are shown, page by page, and what has been read (P7)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chorus.ids import new_id
from tests.integration.gateway.conftest import Tenant, World, account_of


async def _ids(tenant: Tenant, **params: Any) -> list[str]:
    page = await tenant.get("/api/notifications", params=params)
    return [notice["id"] for notice in page["items"]]


async def test_notices_come_newest_first_page_by_page(world: World, ada: Tenant) -> None:
    """P7: everything once, with its sentence."""
    told = [
        str(await world.ledger.notification(client_id=ada.client_id, at=world.clock.now()))
        for _ in range(5)
    ]
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = await ada.get("/api/notifications", params=params)
        seen += [notice["id"] for notice in page["items"]]
        assert all(notice["sentence"] for notice in page["items"])
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == sorted(told, reverse=True)


async def test_what_one_has_read_another_has_not(world: World, ada: Tenant) -> None:
    """P7: read is a person's own; marking twice changes nothing."""
    first, second = [
        str(await world.ledger.notification(client_id=ada.client_id, at=world.clock.now()))
        for _ in range(2)
    ]
    admin = await world.person(ada, "amy", "admin")
    for _ in range(2):
        response = await ada.http.post("/api/notifications/read", json={"ids": [first]})
        assert response.status_code == 204
    assert await _ids(ada, unread="true") == [second]
    assert await _ids(admin, unread="true") == [second, first]
    read = {
        notice["id"]: notice["read_at"] for notice in (await ada.get("/api/notifications"))["items"]
    }
    assert read[first] is not None
    assert read[second] is None


async def test_members_are_told_of_their_own_accounts(world: World, ada: Tenant) -> None:
    """P7: admins of everything, a member when their account acted, another tenant of nothing."""
    member = await world.person(ada, "mia", "member")
    bob = await world.tenant("bob")
    theirs = UUID((await account_of(member, "Mia"))["id"])
    other = UUID((await account_of(ada, "Ada"))["id"])
    at = world.clock.now() - timedelta(minutes=1)
    for account_id in (theirs, other, None):
        await world.ledger.notification(client_id=ada.client_id, at=at, account_id=account_id)
    assert len(await _ids(ada)) == 3
    (own,) = (await member.get("/api/notifications"))["items"]
    assert own["account_id"] == str(theirs)
    assert await _ids(bob) == []


async def test_who_manages_the_team_is_told_once_that_a_yes_is_awaited(
    world: World, ada: Tenant
) -> None:
    """P7: what tells each owner of their own account is theirs alone; the team's is told once."""
    member = await world.person(ada, "mia", "member")
    account = UUID((await account_of(member, "Mia"))["id"])
    own, shared = [
        str(await world.ledger.notification(client_id=ada.client_id, at=world.clock.now(), **more))
        for more in ({"account_id": account}, {})
    ]
    await world.ledger.conn.execute(
        "update notifier.notifications set code ="
        " case when account_id is null then 'approval_waiting' else 'own_approval_waiting' end"
    )
    assert await _ids(ada) == [shared]
    assert await _ids(member) == [own]
    for who, theirs in ((ada, own), (member, shared)):
        answer = await who.http.post("/api/notifications/read", json={"ids": [theirs]})
        assert answer.status_code == 404


async def test_a_reminder_is_read_while_something_waits(world: World, ada: Tenant) -> None:
    """P7: once a post and person, and never after the decision, however late it was told."""
    member = await world.person(ada, "mia", "member")
    made = [UUID((await account_of(who, name))["id"]) for who, name in ((member, "M"), (ada, "A"))]
    made.append(UUID((await account_of(member, "Mia"))["id"]))
    post = new_id()
    at = world.clock.now()
    waiting = await world.ledger.activity(
        client_id=ada.client_id, post_id=post, account_id=made[0], at=at, state="awaiting_approval"
    )
    first, _, _, shared = [
        str(await world.ledger.notification(client_id=ada.client_id, at=at, account_id=account))
        for account in (*made, None)
    ]
    await world.ledger.conn.execute(
        "update notifier.notifications set post_id = %s, code ="
        " case when account_id is null then 'approval_reminder' else 'own_approval_reminder' end",
        (post,),
    )
    assert await _ids(ada) == [shared]
    assert await _ids(member) == [first]
    await world.ledger.conn.execute(
        "update scheduler.activities set state = 'skipped' where id = %s", (waiting,)
    )
    assert (await _ids(ada), await _ids(member)) == ([], [])
    read = await member.http.post("/api/notifications/read", json={"ids": [first]})
    assert read.status_code == 204  # it was there when it was read


async def test_a_password_that_ended_is_told_to_its_person_and_admins(
    world: World, ada: Tenant
) -> None:
    """P7: to each their own sentence; to other members none, nor to another team."""
    amy = await world.person(ada, "amy", "admin")
    mia = await world.person(ada, "mia", "member")
    other = await world.person(ada, "max", "member")
    bob = await world.tenant("bob")
    at = world.clock.now()
    own, shared = [
        str(await world.ledger.notification(client_id=ada.client_id, at=at)) for _ in range(2)
    ]
    for who in (mia, amy):
        await world.ledger.conn.execute(
            "update notifier.notifications set user_id = %s, code ="
            " case id::text when %s then 'own_password_ended' else 'password_ended' end",
            (who.user_id, own),
        )
        assert await _ids(who) == [own]
        assert await _ids(ada) == [shared]
        assert (await _ids(other), await _ids(bob)) == ([], [])
    (notice,) = (await ada.get("/api/notifications"))["items"]
    assert notice["user_id"] == str(amy.user_id)


async def test_what_is_not_there_for_one_cannot_be_marked(world: World, ada: Tenant) -> None:
    """404, and none of the others is marked."""
    member = await world.person(ada, "mia", "member")
    notice = str(await world.ledger.notification(client_id=ada.client_id, at=world.clock.now()))
    body = {"ids": [notice, str(new_id())]}
    response = await ada.http.post("/api/notifications/read", json=body)
    assert (response.status_code, response.json()["code"]) == (404, "notification_not_found")
    assert await _ids(ada, unread="true") == [notice]
    response = await member.http.post("/api/notifications/read", json={"ids": [notice]})
    assert response.status_code == 404
