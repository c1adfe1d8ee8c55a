"""Activities: lists, story, counters, a person's word, pauses."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from chorus import texts
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import PlannedActivity
from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member


async def _activities(world: World, tenant: Tenant, **states: int) -> dict[str, Any]:
    """A pod whose member has so many activities in each state."""
    pod, account, member = await pod_with_member(tenant)
    where: dict[str, Any] = {
        "client_id": tenant.client_id,
        "account_id": UUID(account["id"]),
        "pod_id": UUID(pod["id"]),
        "member_id": UUID(member["id"]),
    }
    ids: dict[str, list[UUID]] = {}
    for state, number in states.items():
        for index in range(number):
            made = await world.ledger.activity(
                **where,
                post_id=UUID(int=100 * len(ids) + index),
                at=world.clock.now() + timedelta(minutes=index),
                state=state,
                needs_person=state == "failed",
            )
            ids.setdefault(state, []).append(made)
    return {"pod": pod, "account": account, "member": member, "ids": ids, "where": where}


async def test_filters_narrow_together(world: World, ada: Tenant) -> None:
    """P9: by state, kind, pod, member, time, and the manual queue (P7)."""
    made = await _activities(world, ada, scheduled=3, failed=2, executed=1)

    async def count(**params: Any) -> int:
        return len((await ada.get("/api/activities", params=params))["items"])

    assert await count() == 6
    assert await count(state="failed") == 2
    assert await count(state=["failed", "executed"]) == 3
    assert await count(state="scheduled", kind="comment") == 0
    assert await count(pod_id=made["pod"]["id"], kind="like") == 6
    assert await count(member_id=made["member"]["id"], account_id=made["account"]["id"]) == 6
    assert await count(needs_person="true") == 2
    start = (world.clock.now() + timedelta(minutes=1)).isoformat()
    end = (world.clock.now() + timedelta(minutes=2)).isoformat()
    assert await count(**{"from": start}) == 3
    assert await count(**{"from": start, "to": end}) == 2


async def test_pages_of_activities_hold_everything_once(world: World, ada: Tenant) -> None:
    """Newest first, by key."""
    made = await _activities(world, ada, scheduled=5)
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = await ada.get("/api/activities", params=params)
        seen += [activity["id"] for activity in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == [str(one) for one in reversed(made["ids"]["scheduled"])]


async def test_an_open_attempt_shows_as_executing(world: World, ada: Tenant) -> None:
    """P9: dispatched, and an executor has taken it up."""
    made = await _activities(world, ada, dispatched=2)
    first, second = made["ids"]["dispatched"]
    await world.ledger.attempt(
        client_id=ada.client_id,
        activity_id=first,
        post_id=UUID(int=0),
        account_id=made["where"]["account_id"],
        at=world.clock.now(),
    )
    assert (await ada.get(f"/api/activities/{first}"))["state"] == "executing"
    assert (await ada.get(f"/api/activities/{second}"))["state"] == "dispatched"
    listed = await ada.get("/api/activities", params={"state": "executing"})
    assert [one["id"] for one in listed["items"]] == [str(first)]


async def test_the_timeline_tells_everything_in_order(world: World, ada: Tenant) -> None:
    """Why did it happen? Decisions and attempts, each with a sentence."""
    made = await _activities(world, ada, failed=1)
    (activity_id,) = made["ids"]["failed"]
    now = world.clock.now()
    who = {"client_id": ada.client_id, "activity_id": activity_id}
    await world.ledger.decision(**who, at=now + timedelta(seconds=5), code="retries_used_up")
    await world.ledger.decision(**who, at=now, code="planned")
    await world.ledger.attempt(
        **who,
        post_id=UUID(int=0),
        account_id=made["where"]["account_id"],
        at=now + timedelta(seconds=1),
        outcome="failed",
    )
    timeline = await ada.get(f"/api/activities/{activity_id}/timeline")
    assert [entry["code"] for entry in timeline["entries"]] == [
        "planned",
        "attempt_opened",
        "attempt_called",
        "attempt_failed",
        "retries_used_up",
    ]
    assert all(entry["sentence"] for entry in timeline["entries"])
    assert timeline["entries"][0]["limit"] == {"name": "per_hour", "value": 3, "used": 2}
    assert timeline["entries"][3]["detail"]["failure"]["error_type"] == "network_error"
    assert timeline["activity"]["id"] == str(activity_id)


async def test_counters_add_up(world: World, ada: Tenant) -> None:
    """A3, A4: per pod, per member, and the queue."""
    states = {"awaiting_approval": 1, "scheduled": 3, "executed": 2, "failed": 1, "skipped": 4}
    made = await _activities(world, ada, **states)
    stats = await ada.get(f"/api/pods/{made['pod']['id']}/stats")
    assert stats["total"] == 11
    assert (stats["pending"], stats["scheduled"], stats["executed"]) == (1, 3, 2)
    assert (stats["failed"], stats["skipped"], stats["unknown"]) == (1, 4, 0)
    (member,) = stats["members"]
    assert member["member_id"] == made["member"]["id"]
    assert member["total"] == 11
    queue = await ada.get("/api/queue/stats")
    assert queue == {
        "waiting": 1,
        "active": 0,
        "delayed": 3,
        "completed": 2,
        "failed": 1,
        "total": 7,
    }


async def test_a_post_counts_its_activities(world: World, ada: Tenant) -> None:
    """P9: how far a post's amplification is."""
    post = await ada.post("/api/posts", {"url": "urn:li:activity:7379160923545600000"})
    made = await _activities(world, ada)
    for state in ("scheduled", "executed"):
        kind = "like" if state == "scheduled" else "repost"
        where = made["where"] | {"post_id": UUID(post["id"]), "at": world.clock.now()}
        await world.ledger.activity(**where, state=state, kind=kind)
    expected = {"scheduled": 1, "executed": 1}
    assert (await ada.get(f"/api/posts/{post['id']}"))["activities"] == expected
    assert (await ada.get("/api/posts"))["items"][0]["activities"] == expected


def _held(world: World, tenant: Tenant, activity_id: UUID, account: Any, state: State) -> None:
    activity = PlannedActivity(
        id=activity_id,
        account_id=UUID(account["id"]),
        member_id=None,
        member_name="Ada",
        kind=Kind.COMMENT,
        lane=Lane.API,
        state=state,
        scheduled_for=world.clock.now(),
        reason_code="planned",
        reason="Planned.",
    )
    world.scheduler.holds(tenant.client_id, activity)


async def test_a_person_approves_rejects_cancels_and_retries(world: World, ada: Tenant) -> None:
    """P7, invariant 6: each leaves an audit row with the new state."""
    made = await _activities(world, ada, awaiting_approval=2, scheduled=1, failed=1)
    moves = [
        (
            "approve",
            "awaiting_approval",
            0,
            {"text": "So true.", "text_sha256": texts.digest(None)},
            "scheduled",
        ),
        ("reject", "awaiting_approval", 1, {"reason": "Not in this tone."}, "cancelled"),
        ("cancel", "scheduled", 0, None, "cancelled"),
        ("retry", "failed", 0, None, "scheduled"),
    ]
    for move, state, index, body, expected in moves:
        activity_id = made["ids"][state][index]
        _held(world, ada, activity_id, made["account"], State(state))
        moved = await ada.post(f"/api/activities/{activity_id}/{move}", body)
        assert moved["state"] == expected
        assert moved["reason"]
    audit = await ada.get("/api/audit", params={"limit": 4})
    assert [entry["action"] for entry in audit["items"]] == [
        "activity.retried",
        "activity.cancelled",
        "activity.rejected",
        "activity.approved",
    ]
    assert any("So true." in call for call in world.scheduler.calls)
    assert all(f"user:{ada.user_id}" in call for call in world.scheduler.calls[-4:])


async def test_a_move_that_is_not_allowed_says_why(world: World, ada: Tenant) -> None:
    """409 with the scheduler's own sentence."""
    made = await _activities(world, ada, executed=1)
    (activity_id,) = made["ids"]["executed"]
    _held(world, ada, activity_id, made["account"], State.EXECUTED)
    response = await ada.http.post(f"/api/activities/{activity_id}/cancel")
    assert response.status_code == 409
    assert response.json()["code"] == "move_not_allowed"
    assert "executed" in response.json()["detail"]


async def test_a_member_says_yes_for_their_own_account_alone(world: World, ada: Tenant) -> None:
    """Roles: each approves comments in their own name."""
    made = await _activities(world, ada, awaiting_approval=1)
    (activity_id,) = made["ids"]["awaiting_approval"]
    _held(world, ada, activity_id, made["account"], State.AWAITING_APPROVAL)
    member = await world.person(ada, "mia", "member")
    read = await member.get(f"/api/activities/{activity_id}")
    yes = {"text_sha256": read["text_sha256"]}
    response = await member.http.post(f"/api/activities/{activity_id}/approve", json=yes)
    assert response.status_code == 403
    await world.ledger.conn.execute(
        "update gateway.accounts set owner_user_id = %s, proven_at = now() where id = %s",
        (member.user_id, made["account"]["id"]),
    )
    response = await member.http.post(f"/api/activities/{activity_id}/approve", json=yes)
    assert response.status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"text": "Mine."}, {"text_sha256": "0" * 64}])
async def test_a_yes_names_the_words_that_were_read(
    world: World, ada: Tenant, body: dict[str, str] | None
) -> None:
    """INVARIANT (A3): every view names its text; a yes to other words, or to none, is refused."""
    made = await _activities(world, ada, awaiting_approval=1)
    (activity_id,) = made["ids"]["awaiting_approval"]
    _held(world, ada, activity_id, made["account"], State.AWAITING_APPROVAL)
    path = f"/api/activities/{activity_id}"
    reworded = (await ada.http.patch(path, json={"text": "So true, Ödön."})).json()
    assert reworded["text_sha256"] == texts.digest("So true, Ödön.")
    await world.ledger.conn.execute(
        "update scheduler.activities set draft_text = 'So true, Ödön.' where id = %s",
        (activity_id,),
    )
    shown = [
        await ada.get(path),
        (await ada.get("/api/activities"))["items"][0],
        (await ada.get(f"{path}/timeline"))["activity"],
    ]
    assert {each["text_sha256"] for each in shown} == {texts.digest("So true, Ödön.")}
    response = await ada.http.post(f"{path}/approve", json=body)
    assert (response.status_code, response.json()["code"]) == (409, "text_changed")
    assert "text_sha256" in Problem("text_changed").detail
    approved = await ada.post(f"{path}/approve", {"text_sha256": shown[0]["text_sha256"]})
    assert approved["state"] == "scheduled"


async def test_pauses_are_made_shown_and_ended(world: World, ada: Tenant) -> None:
    """Invariant 6: with a reason; a pause of everybody is shown, and not ours to end."""
    body = {"scope": "tenant", "reason": "Checking the texts."}
    made = await ada.post("/api/pauses", body)
    assert made["reason"] == "Checking the texts."
    assert (await ada.http.post("/api/pauses", json=body)).status_code == 409
    ours = await world.ledger.pause(client_id=ada.client_id, scope="tenant")
    everybody = await world.ledger.pause(client_id=None, scope="everything")
    listed = {pause["id"] for pause in await ada.get("/api/pauses", params={"in_force": "true"})}
    assert listed == {str(ours), str(everybody)}
    response = await ada.http.post(f"/api/pauses/{everybody}/resume")
    assert response.status_code == 403
    response = await ada.http.post("/api/pauses", json={"scope": "everything", "reason": "All."})
    assert response.status_code == 422


@pytest.mark.parametrize("registered", [False, True])
async def test_who_says_that_a_post_is_there_says_where(
    world: World, ada: Tenant, registered: bool
) -> None:
    """Q1, D13: a post that went out unheard is looked up where a person found it, and goes on."""
    pod, account, _ = await pod_with_member(ada)
    theirs = await ada.post("/api/posts", {"url": POST_URL}) if registered else None
    post = await ada.post(
        "/api/posts",
        {"text": "News.", "account_id": account["id"], "pod_id": pod["id"], "amplify": True},
    )
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=UUID(post["id"]),
        account_id=UUID(account["id"]),
        at=world.clock.now(),
        state="unknown",
        kind="publish",
        needs_person=True,
    )
    path = f"/api/activities/{activity_id}/decide"
    for body, code in (
        ({"happened": True}, "url_needed"),
        ({"happened": True, "url": "https://elsewhere.example/1"}, "not_a_post_address"),
    ):
        response = await ada.http.post(path, json=body)
        assert response.json()["code"] == code
    assert (await ada.http.post(path, json={"happened": True, "url": POST_URL})).status_code == 404
    assert (await ada.get(f"/api/posts/{post['id']}"))["state"] == "queued", "nobody agreed"
    _held(world, ada, activity_id, account, State.UNKNOWN)

    answer = await ada.http.post(path, json={"happened": True, "url": POST_URL})

    assert answer.status_code == 200, answer.text
    found = await ada.get(f"/api/posts/{post['id']}")
    assert found["state"] == ("merged" if registered else "published")
    if theirs is not None:
        assert found["merged_into"] == theirs["id"]
    told = [row for row in await world.ledger.outbox() if row["topic"] == "post.published"]
    wanted = [orjson.loads(row["value"]) for row in told]
    assert (wanted[-1]["pod_id"], wanted[-1]["amplify"]) == (pod["id"], True)
