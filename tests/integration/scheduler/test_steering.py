"""A person approves, rejects, cancels, retries, pauses and resumes; revoked consent stops
everything.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chorus import texts
from chorus.documents.activity_commands import (
    Approve,
    Cancel,
    Decide,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus.events import ActivityDue
from chorus.vocabulary import Kind, Outcome
from chorus_lab.seeding import make_post
from chorus_scheduler.errors import (
    ActivityNotFound,
    MoveNotAllowed,
    PauseConflict,
    PauseNotFound,
    TextChanged,
)
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome


async def _planned(world: World, kind: Kind = Kind.LIKE) -> list[UUID]:
    thoughts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=thoughts)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[kind],
        actor="test",
        correlation_id="c",
    )
    planning = await world.planner.plan(request)
    return [entry.id for entry in planning.planned]


def _wish(world: World, activity: UUID, **more: str) -> dict[str, Any]:
    who = {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "ada"}
    return who | more


async def _first_due(world: World) -> ActivityDue:
    world.clock.move_to((await world.activities())[0]["due_at"])
    return (await world.dispatch_all())[0]


async def _again(world: World, activity: UUID) -> ActivityDue:
    """Its next command; what goes out before it is settled."""
    world.clock.move_to(max(world.clock.now(), (await _row(world, activity))["due_at"]))
    commands = await world.dispatch_all()
    for command in commands:
        if command.activity_id != activity:
            await world.settle(outcome(command))
    return next(command for command in commands if command.activity_id == activity)


async def _row(world: World, activity: UUID) -> dict[str, Any]:
    return next(row for row in await world.activities() if row["id"] == activity)


async def test_an_approved_comment_goes_out_as_edited(world: World) -> None:
    """A comment waits for a person by default; what the person wrote is what goes out."""
    first, second, third, *_ = await _planned(world, Kind.COMMENT)
    await world.approve(_wish(world, first, text="My own words"))
    await world.steering.reject(Reject(**_wish(world, second, reason="too bland")))
    world.clock.advance(timedelta(hours=7))
    commands = await world.dispatch_all()
    assert [(c.activity_id, c.text) for c in commands] == [(first, "My own words")]
    assert (await _row(world, second))["state"] == "cancelled"
    assert (await _row(world, third))["state"] == "awaiting_approval"
    with pytest.raises(MoveNotAllowed):
        await world.approve(_wish(world, second))


async def test_nobody_steers_another_tenants_activity(world: World) -> None:
    """P10: another tenant's activity does not exist."""
    (activity, *_) = await _planned(world)
    with pytest.raises(ActivityNotFound):
        await world.steering.cancel(Cancel(client_id=uuid4(), activity_id=activity, actor="eve"))


async def test_approvals_expire_with_a_reason(world: World) -> None:
    """What nobody approved in time is skipped, and says so."""
    (activity, *_) = await _planned(world, Kind.COMMENT)
    world.clock.advance(timedelta(days=4))
    assert await world.sweeper.approvals() == 8
    assert (await _row(world, activity))["reason_code"] == "approval_expired"
    assert (await world.decisions(activity))[-1] == "approval_expired"


async def test_cancelling_what_is_out_already(world: World) -> None:
    """The truth wins over the wish: a call that was out is recorded, one that was not, stays."""
    await _planned(world)
    command = await _first_due(world)
    await world.steering.cancel(
        Cancel(**_wish(world, command.activity_id, reason="changed my mind"))
    )
    await world.settle(outcome(command, Outcome.EXECUTED))
    assert (await _row(world, command.activity_id))["state"] == "executed"
    world.clock.advance(timedelta(hours=1))
    other = (await world.dispatch_all())[0]
    await world.steering.cancel(Cancel(**_wish(world, other.activity_id, reason="changed my mind")))
    await world.settle(outcome(other, Outcome.WITHHELD, withheld="cancelled"))
    assert (await _row(world, other.activity_id))["state"] == "cancelled"


async def test_a_failed_activity_is_retried_by_a_person(world: World) -> None:
    """P7, E7: the manual queue; a retry starts afresh."""
    await _planned(world)
    command = await _first_due(world)
    await world.settle(outcome(command, Outcome.FAILED, retryable=False, called=False))
    assert (await _row(world, command.activity_id))["needs_person"] is True
    await world.steering.retry(Retry(**_wish(world, command.activity_id, reason="fixed")))
    row = await _row(world, command.activity_id)
    assert (row["state"], row["needs_person"], row["attempt"]) == ("scheduled", False, 1)
    again = [c for c in await world.dispatch_all() if c.activity_id == command.activity_id]
    assert [c.execution for c in again] == [2]


async def test_what_is_postponed_comes_no_earlier(world: World) -> None:
    """P10: neither what is tried again later than it was planned for."""
    await _planned(world)
    command = await _first_due(world)
    await world.settle(outcome(command, Outcome.FAILED))
    before = await _row(world, command.activity_id)
    await world.steering.postpone(
        Postpone(**_wish(world, command.activity_id), until=world.clock.now())
    )
    after = await _row(world, command.activity_id)
    assert after["due_at"] >= before["due_at"] > command.due_at


async def test_what_is_postponed_comes_no_earlier_than_its_place(world: World) -> None:
    """P10: its place in the plan counts too where its next hand-over is before that, and goes along
    with it.
    """
    activity = (await _planned(world))[0]
    place = (await _row(world, activity))["scheduled_for"] + timedelta(hours=2)
    await world.owner.execute(
        "update scheduler.activities set scheduled_for = %s where id = %s", (place, activity)
    )
    await world.steering.postpone(Postpone(**_wish(world, activity), until=world.clock.now()))
    row = await _row(world, activity)
    assert row["due_at"] == row["scheduled_for"] >= place
    until = place + timedelta(days=1)
    await world.steering.postpone(Postpone(**_wish(world, activity), until=until))
    row = await _row(world, activity)
    assert row["due_at"] == row["scheduled_for"] >= until


async def test_an_approval_is_postponed_with_its_activity(world: World) -> None:
    """P10: who postpones has as long to say yes as before."""
    activity = (await _planned(world, Kind.COMMENT))[0]
    before = await _row(world, activity)
    until = before["due_at"] + timedelta(days=2)
    await world.steering.postpone(Postpone(**_wish(world, activity), until=until))
    after = await _row(world, activity)
    assert after["due_at"] == until
    assert after["approval_expires_at"] - before["approval_expires_at"] == timedelta(days=2)


async def test_a_pause_parks_and_a_resume_brings_back(world: World) -> None:
    """INVARIANT: a pause is in force at once; nothing of it is lost, what is too old is skipped."""
    await _planned(world)
    client = world.tenant.client_id
    pause = await world.steering.pause(
        client_id=client, scope="tenant", scope_id=None, reason="holiday", actor="ada"
    )
    with pytest.raises(PauseConflict):
        await world.steering.pause(
            client_id=client, scope="tenant", scope_id=None, reason="again", actor="ada"
        )
    world.clock.advance(timedelta(hours=12))
    assert await world.dispatch_all() == []
    assert {row["reason_code"] for row in await world.activities()} == {"parked"}
    resumed = await world.steering.resume(pause_id=pause.id, client_id=client, actor="ada")
    assert (resumed.scheduled_again, resumed.expired) == (8, 0)
    assert await world.dispatch_all()
    with pytest.raises(PauseConflict):
        await world.steering.resume(pause_id=pause.id, client_id=client, actor="ada")
    with pytest.raises(PauseNotFound):
        await world.steering.resume(pause_id=pause.id, client_id=uuid4(), actor="eve")


async def test_what_stood_paused_too_long_is_not_caught_up(world: World) -> None:
    """Parked work expires; it is skipped with a reason and not done in a rush."""
    await _planned(world)
    client = world.tenant.client_id
    pause = await world.steering.pause(
        client_id=client, scope="pod", scope_id=world.tenant.pod_id, reason="trip", actor="ada"
    )
    world.clock.advance(timedelta(days=3))
    await world.dispatch_all()
    resumed = await world.steering.resume(pause_id=pause.id, client_id=client, actor="ada")
    assert (resumed.scheduled_again, resumed.expired) == (0, 8)
    assert {row["state"] for row in await world.activities()} == {"skipped"}


async def test_a_paused_account_stops_alone(world: World) -> None:
    """P10: one account stopped never stops the others."""
    await _planned(world)
    account = (await world.activities())[0]["account_id"]
    await world.steering.pause(
        client_id=world.tenant.client_id,
        scope="account",
        scope_id=account,
        reason="looks odd",
        actor="ada",
    )
    accounts: set[UUID] = set()
    for due_at in [row["due_at"] for row in await world.activities()]:
        world.clock.move_to(due_at)
        accounts |= {command.account_id for command in await world.dispatch_all()}
    assert account not in accounts
    assert accounts


async def _revoke(world: World, account: UUID) -> None:
    await world.owner.execute(
        "insert into gateway.consents (client_id, account_id, kind, granted, text_version,"
        " text_sha256, by_user_id) values (%s, %s, 'like', false, 'test',"
        " decode(repeat('00', 32), 'hex'), %s)",
        (world.tenant.client_id, account, world.tenant.user_id),
    )


async def test_revoked_consent_cancels_what_is_planned(world: World) -> None:
    """INVARIANT: never for someone who does not agree; three ways lead to it."""
    await _planned(world)
    rows = await world.activities()
    asked, swept, due, *_ = [row["account_id"] for row in rows]
    await _revoke(world, asked)
    client = world.tenant.client_id
    assert await world.steering.recheck(client_id=client, account_id=asked, actor="ada") == 1
    await _revoke(world, swept)
    assert await world.sweeper.consents() == 1
    await _revoke(world, due)
    world.clock.advance(timedelta(hours=12))
    accounts = {command.account_id for command in await world.dispatch_all()}
    assert not accounts & {asked, swept, due}
    rows = [r for r in await world.activities() if r["account_id"] in (asked, swept, due)]
    assert {(r["state"], r["reason_code"]) for r in rows} == {("cancelled", "consent_revoked")}
    for row in rows:
        assert "consent_revoked" in await world.decisions(row["id"])


async def test_a_member_who_takes_no_part_does_nothing(world: World) -> None:
    """P7, P8: deactivating a member, or the pod, holds what is planned, with the reason; removing
    the member calls it off.
    """
    await _planned(world)
    first = (await world.activities())[0]
    await world.owner.execute(
        "update gateway.pod_members set active = false where id = %s", (first["member_id"],)
    )
    assert await world.sweeper.consents() == 0
    rows = await world.activities()
    assert [each["id"] for each in rows if each["reason_code"] == "held"] == [first["id"]]
    await world.owner.execute("update gateway.pods set active = false")
    assert await world.sweeper.consents() == 0
    assert {row["reason_code"] for row in await world.activities()} == {"held"}
    await world.owner.execute("delete from gateway.pod_members")
    assert await world.sweeper.consents() == 8
    assert {row["state"] for row in await world.activities()} == {"cancelled"}


async def test_a_yes_is_for_the_words_of_then(world: World) -> None:
    """INVARIANT (A3, B8): somebody else's words after a yes wait for another one."""
    (activity, *_) = await _planned(world, Kind.COMMENT)
    await world.approve(_wish(world, activity))
    other = _wish(world, activity, actor="user:x", text="Other words")
    await world.steering.reword(Reword(**other))
    row = await _row(world, activity)
    assert (row["state"], row["approval"], row["approved_by"]) == (
        "awaiting_approval",
        "waiting",
        None,
    )
    await world.approve(_wish(world, activity))
    await world.steering.reword(Reword(**_wish(world, activity, text="My own words")))
    row = await _row(world, activity)
    assert (row["state"], row["approved_by"]) == ("scheduled", "ada")
    world.clock.advance(timedelta(hours=7))
    said = {command.activity_id: command.text for command in await world.dispatch_all()}
    assert said[activity] == "My own words"


@pytest.mark.parametrize("read", ["the words of before", None])
@pytest.mark.parametrize("text", [None, "My own words"])
async def test_a_yes_is_to_the_words_that_were_read(
    world: World, read: str | None, text: str | None
) -> None:
    """INVARIANT (A3, B8): what was changed while it was read is not approved with it."""
    (activity, *_) = await _planned(world, Kind.COMMENT)
    shown = (await _row(world, activity))["draft_text"]
    other = _wish(world, activity, text="Words that nobody read")
    await world.steering.reword(Reword(**other))
    named = {"text_sha256": texts.digest(str(shown))} if read else {}
    asked = _wish(world, activity, **named, **({"text": text} if text else {}))
    with pytest.raises(TextChanged, match="text_sha256"):
        await world.steering.approve(Approve(**asked))
    row = await _row(world, activity)
    assert (row["state"], row["draft_text"]) == ("awaiting_approval", "Words that nobody read")
    await world.approve(asked)
    row = await _row(world, activity)
    assert (row["state"], row["draft_text"]) == ("scheduled", text or "Words that nobody read")


async def test_a_like_has_no_words_to_read(world: World) -> None:
    """A yes to a like names no text, or none by its name."""
    first, second, *_ = await _planned(world, Kind.LIKE)
    await world.owner.execute(
        "update scheduler.activities set state = 'awaiting_approval', approval = 'waiting',"
        " approval_expires_at = due_at + interval '1 day'"
    )
    await world.steering.approve(Approve(**_wish(world, first)))
    with pytest.raises(TextChanged):
        await world.steering.approve(
            Approve(**_wish(world, second, text_sha256=texts.digest("A text")))
        )
    await world.steering.approve(Approve(**_wish(world, second, text_sha256=texts.digest(None))))
    assert {(await _row(world, one))["state"] for one in (first, second)} == {"scheduled"}


async def test_nobody_takes_back_anothers_no(world: World) -> None:
    """INVARIANT (6): who tries an unknown one again lifts their own stop, and no other."""
    await _planned(world)
    command = await _first_due(world)
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await world.steering.cancel(
        Cancel(**_wish(world, command.activity_id, reason="I do not want it"))
    )
    key = _wish(world, command.activity_id, actor="key:1")
    await world.steering.retry(Retry(**key))
    assert (await _row(world, command.activity_id))["stopped_by"] == "ada"
    await world.steering.retry(Retry(**_wish(world, command.activity_id)))
    assert (await _row(world, command.activity_id))["stopped_by"] is None


async def test_a_persons_word_is_kept_for_what_was_over_by_then(world: World) -> None:
    """INVARIANT (1): who says that it is not there says it of no later call (ADR 22)."""
    await _planned(world)
    command = await _first_due(world)
    activity = command.activity_id
    assert (await _row(world, activity))["denied"] == []
    await world.settle(outcome(command, Outcome.UNKNOWN))
    await world.steering.decide(Decide(**_wish(world, activity, reason="I looked"), happened=False))
    found = await _row(world, activity)
    assert (found["denied"], found["denied_by"]) == ([1], "ada")
    later = await _again(world, activity)
    await world.settle(outcome(later, Outcome.UNKNOWN))
    said = await world.rows("select executions, denied_by, denied_at from scheduler.api_denied")
    assert [(each["executions"], each["denied_by"]) for each in said] == [([1], "ada")]
    assert said[0]["denied_at"] == found["denied_at"]
    await world.steering.decide(Decide(**_wish(world, activity, reason="Again"), happened=False))
    assert (await _row(world, activity))["denied"] == [1, 2]
