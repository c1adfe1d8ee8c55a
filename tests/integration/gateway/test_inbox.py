"""The inbox and the manual queue: what waits for a person, many of them decided at once (P7)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus import texts
from chorus.ids import new_id
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.fake_ledger import Held
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of

READ = texts.digest("Well said.")


async def _post(ada: Tenant, number: int = 0) -> str:
    url = POST_URL.replace("7379160923545600000", str(7379160923545600000 + number))
    return str((await ada.post("/api/posts", {"url": url}))["id"])


async def _activity(
    world: World, ada: Tenant, account: dict[str, Any], post: str, **wanted: Any
) -> UUID:
    """In the ledger, and in the fake scheduler's."""
    state = State(wanted.pop("state", "awaiting_approval"))
    kind = wanted.pop("kind", "comment")
    expires = world.clock.now() + timedelta(hours=wanted.pop("hours", 1))
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=UUID(post),
        account_id=UUID(account["id"]),
        at=world.clock.now(),
        kind=kind,
        state=state,
        needs_person=wanted.pop("needs_person", False),
    )
    await world.ledger.conn.execute(
        "update scheduler.activities set draft_text = 'Well said.', approval_expires_at = %s,"
        " suggested = %s where id = %s",
        (expires, wanted.pop("suggested", False), activity_id),
    )
    planned = PlannedActivity(
        id=activity_id,
        account_id=UUID(account["id"]),
        member_id=None,
        member_name=None,
        kind=Kind(kind),
        lane=Lane.API,
        state=state,
        scheduled_for=world.clock.now(),
        text="Well said.",
        reason_code="planned",
        reason="Planned.",
    )
    world.scheduler.put(
        Held(client_id=ada.client_id, account_id=UUID(account["id"]), activity=planned)
    )
    return activity_id


def _ids(page: dict[str, Any]) -> list[str]:
    return [item["activity"]["id"] for item in page["items"]]


async def test_what_ends_first_comes_first_of_ones_own_or_of_the_team(
    world: World, ada: Tenant
) -> None:
    """Who manages sees the team's, others their own; each says what may be said of it."""
    mia = await world.person(ada, "mia", "member")
    hers, anas = await account_of(mia, "Mia"), await account_of(ada, "Ada")
    post, other = await _post(ada), await _post(ada, 1)
    late = await _activity(world, ada, hers, post, hours=3)
    soon = await _activity(world, ada, anas, post, hours=1)
    mine = await _activity(world, ada, hers, other, hours=2, suggested=True)
    found = await ada.get("/api/inbox")
    assert _ids(found) == [str(soon), str(mine), str(late)]
    assert [item["may"] for item in found["items"]] == [
        ["approve", "reject", "postpone"],
        ["reject", "postpone"],
        ["approve", "reject", "postpone"],
    ]
    assert _ids(await mia.get("/api/inbox")) == [str(mine), str(late)]
    assert (await mia.get("/api/inbox"))["items"][0]["may"][0] == "done_by_hand"
    assert _ids(await ada.get("/api/inbox", params={"mine": True})) == [str(soon)]
    for narrowed, expected in (
        ({"waits_for": "hands"}, [mine]),
        ({"waits_for": "approval"}, [soon, late]),
        ({"post_id": other}, [mine]),
        ({"kind": "like"}, []),
        ({"account_id": hers["id"]}, [mine, late]),
    ):
        page = await ada.get("/api/inbox", params=narrowed)
        assert _ids(page) == [str(one) for one in expected], narrowed
    page, seen = await ada.get("/api/inbox", params={"limit": 1}), []
    while page["items"]:
        seen += _ids(page)
        if page["next_cursor"] is None:
            break
        page = await ada.get("/api/inbox", params={"limit": 1, "cursor": page["next_cursor"]})
    assert seen == [str(soon), str(mine), str(late)]


async def test_a_yes_is_the_owners_where_they_want_to_be_asked(world: World, ada: Tenant) -> None:
    """INVARIANT (4): the inbox offers it to nobody else, and nobody else's is taken."""
    mia = await world.person(ada, "mia", "member")
    account = await account_of(mia)
    await mia.http.patch(
        f"/api/accounts/{account['id']}/approval-modes", json={"comment": "approve_each"}
    )
    await _activity(world, ada, account, await _post(ada))
    assert (await ada.get("/api/inbox"))["items"][0]["may"] == ["reject", "postpone"]
    assert "approve" in (await mia.get("/api/inbox"))["items"][0]["may"]


async def test_many_are_approved_each_by_itself(world: World, ada: Tenant, bob: Tenant) -> None:
    """One that is refused holds up no other; the second hears what was decided, and by whom."""
    mia = await world.person(ada, "mia", "member")
    cy = await world.person(ada, "cy", "admin")
    account, hers = await account_of(ada), await account_of(mia)
    first = await _activity(world, ada, account, await _post(ada))
    changed = await _activity(world, ada, account, await _post(ada, 1))
    stranger = await _activity(world, ada, hers, await _post(ada, 2))
    gone = new_id()
    reworded = await ada.http.patch(f"/api/activities/{changed}", json={"text": "Other words."})
    assert reworded.is_success
    items = [{"id": str(one), "text_sha256": READ} for one in (first, changed, gone)]
    headers = {"Idempotency-Key": "monday"}
    said = await ada.post("/api/inbox/approve", {"items": items}, headers=headers)
    assert [one["code"] for one in said["items"]] == [
        "approved",
        "text_changed",
        "activity_not_found",
    ]
    assert [one["id"] for one in said["items"]] == [item["id"] for item in items]
    assert (said["done"], said["refused"], said["unavailable"]) == (1, 2, 0)
    replayed = await ada.http.post("/api/inbox/approve", json={"items": items}, headers=headers)
    assert (replayed.headers["Idempotency-Replayed"], replayed.json()) == ("true", said)
    (again,) = (await ada.post("/api/inbox/approve", {"items": items[:1]}))["items"]
    assert again["outcome"] == "done", "the same word of the same person is no refusal"
    (late,) = (await cy.post("/api/inbox/reject", {"ids": [str(first)]}))["items"]
    assert (late["outcome"], late["code"]) == ("refused", "decided_already")
    assert (late["decision"], late["decided_by"]) == ("approved", f"user:{ada.user_id}")
    assert late["decided_at"] is not None
    theirs = {"items": [{"id": str(first), "text_sha256": READ}]}
    (own,) = (await mia.post("/api/inbox/approve", theirs))["items"]
    assert (own["outcome"], own["code"]) == ("refused", "not_allowed")
    (foreign,) = (await bob.post("/api/inbox/reject", {"ids": [str(stranger)]}))["items"]
    assert (foreign["code"], foreign["state"]) == ("activity_not_found", None)
    assert world.scheduler.held(stranger).activity.state is State.AWAITING_APPROVAL


async def test_an_answer_that_does_not_come_is_told_item_by_item(world: World, ada: Tenant) -> None:
    """What may have been decided is asked for again, and no other item is lost with it."""
    account = await account_of(ada)
    ids = [str(await _activity(world, ada, account, await _post(ada, n))) for n in range(3)]
    world.scheduler.available = False
    said = await ada.post("/api/inbox/reject", {"ids": ids, "reason": "Not this week."})
    assert (said["unavailable"], said["done"]) == (3, 0)
    world.scheduler.available = True
    said = await ada.post("/api/inbox/reject", {"ids": ids, "reason": "Not this week."})
    assert (said["done"], {one["state"] for one in said["items"]}) == (3, {"cancelled"})


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"items": [{"id": "01a202fe-a4d2-7ad8-9446-4f1ffb7b7fa3"}] * 2},
        {"items": [{"id": str(UUID(int=n))} for n in range(1, 202)]},
        {"items": [{"id": "no id"}]},
    ],
)
async def test_a_call_names_each_once_and_two_hundred_at_most(ada: Tenant, body: Any) -> None:
    """A call that is too large decides nothing."""
    refused = await ada.http.post("/api/inbox/approve", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_the_manual_queue_says_what_went_wrong(world: World, ada: Tenant) -> None:
    """P7: class, sentence and pictures; one's own, or the team's; filters and pages."""
    mia = await world.person(ada, "mia", "member")
    hers, anas = await account_of(mia, "Mia"), await account_of(ada, "Ada")
    failed = await _activity(world, ada, hers, await _post(ada), state="failed", needs_person=True)
    unknown = await _activity(
        world, ada, anas, await _post(ada, 1), state="unknown", needs_person=True, kind="like"
    )
    given_up = await _activity(
        world, ada, anas, await _post(ada, 2), state="unknown", needs_person=True
    )
    await world.ledger.conn.execute(
        'update scheduler.activities set last_error = \'{"error_type": "auth_error"}\','
        " reason = 'It may not be done by this account.' where id = %s",
        (failed,),
    )
    await world.ledger.conn.execute(
        "update scheduler.activities set stopped_at = now(), stopped_by = 'user:x',"
        " stop_code = 'cancelled', stop_reason = 'Given up by a person.' where id = %s",
        (given_up,),
    )
    await world.ledger.evidence(client_id=ada.client_id, activity_id=failed, at=world.clock.now())
    found = await ada.get("/api/manual-queue")
    assert _ids(found) == [str(failed), str(unknown)]
    first, second = found["items"]
    assert (first["error_class"], second["error_class"]) == ("auth_error", None)
    assert first["sentence"] == "It may not be done by this account."
    assert first["evidence"][0]["url"].startswith(f"/api/activities/{failed}/evidence/")
    assert _ids(await mia.get("/api/manual-queue")) == [str(failed)]
    for narrowed, expected in (
        ({"state": "unknown"}, [unknown]),
        ({"error_class": "auth_error"}, [failed]),
        ({"kind": "like"}, [unknown]),
        ({"mine": True}, [unknown]),
        ({"given_up": True}, [given_up]),
    ):
        page = await ada.get("/api/manual-queue", params=narrowed)
        assert _ids(page) == [str(one) for one in expected], narrowed


async def test_the_manual_queue_is_worked_off_in_bulk(world: World, ada: Tenant) -> None:
    """P7: retried, put off, marked as done, given up; the same shape of answer for each."""
    account = await account_of(ada)

    async def one(number: int, state: str = "failed") -> str:
        post = await _post(ada, number)
        found = await _activity(world, ada, account, post, state=state, needs_person=True)
        return str(found)

    failed, later, by_hand, there, lost = [
        await one(1), await one(2), await one(3), await one(4, "unknown"), await one(5, "unknown")
    ]  # fmt: skip
    until = (world.clock.now() + timedelta(days=1)).isoformat()
    for path, body, states in (
        ("retry", {"ids": [failed]}, ["scheduled"]),
        ("postpone", {"ids": [later], "until": until}, ["scheduled"]),
        ("done", {"ids": [by_hand, there]}, ["executed", "executed"]),
        ("give-up", {"ids": [lost, failed]}, ["unknown", "cancelled"]),
    ):
        said = await ada.post(f"/api/manual-queue/{path}", body)
        assert [item["state"] for item in said["items"]] == states, path
    assert world.scheduler.held(UUID(by_hand)).activity.reason_code == "done_by_hand"
    assert world.scheduler.held(UUID(there)).activity.reason_code == "decided"
    actions = [entry["action"] for entry in (await ada.get("/api/audit"))["items"]]
    assert actions.count("activity.retried") == 2
    assert actions.count("activity.decided") == 1
