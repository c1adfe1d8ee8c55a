"""From a published post to settled activities, without the executor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chorus.vocabulary import ErrorType, Kind, Outcome
from chorus_lab.seeding import make_post
from chorus_scheduler.domain.instants import HOUR
from chorus_scheduler.errors import NoPodMembers, PostNotFound
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import PlanResult
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome


async def _plan(
    world: World, *kinds: Kind, dry_run: bool = False
) -> tuple[PlanRequest, PlanResult]:
    accounts = world.tenant.accounts
    post = await make_post(
        world.owner,
        world.tenant,
        published_at=NOW,
        author=accounts[0],
        comment_texts=[f"A thought, number {number}" for number in range(10)],
    )
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=kinds or None,
        actor="test",
        correlation_id="c-1",
        dry_run=dry_run,
    )
    return request, await world.planner.plan(request)


async def test_the_automation_plans_likes_and_comments(world: World) -> None:
    """A1: seven of eight members like and comment; the author does neither, with a reason."""
    _, planning = await _plan(world)
    assert len(planning.planned) == 14
    assert {entry.decision.code for entry in planning.skipped} == {"own_post"}
    rows = await world.activities()
    assert sorted(row["kind"] for row in rows) == ["comment"] * 7 + ["like"] * 7
    assert {row["state"] for row in rows if row["kind"] == "like"} == {"scheduled"}
    assert {row["state"] for row in rows if row["kind"] == "comment"} == {"awaiting_approval"}
    likes = sorted(row["due_at"] for row in rows if row["kind"] == "like")
    for first, fourth in zip(likes, likes[3:], strict=False):
        assert fourth - first >= timedelta(hours=1), "A1: at most 3 members per post and hour"
    texts = [row["draft_text"] for row in rows if row["kind"] == "comment"]
    assert len(set(texts)) == 7, "nobody says what another says"


async def test_the_preview_is_the_plan(world: World) -> None:
    """INVARIANT: dry_run stores nothing, and the plan that follows is the same."""
    request, preview = await _plan(world, Kind.LIKE, dry_run=True)
    assert await world.activities() == []
    planning = await world.planner.plan(replace(request, dry_run=False))
    assert planning.planned == preview.planned
    assert len(await world.activities()) == 7


async def test_planning_twice_adds_nothing(world: World) -> None:
    """INVARIANT: one intent is one activity, whoever asks how often."""
    request, _ = await _plan(world, Kind.LIKE, Kind.COMMENT)
    again = await world.planner.plan(request)
    assert again.planned == ()
    assert len(again.existing) == 14
    assert len(await world.activities()) == 14


async def test_no_members_and_no_post_are_refused(world: World) -> None:
    """P3: 400 `No pod members found`, 404 for an unknown post."""
    await world.owner.execute("update gateway.pod_members set active = false")
    with pytest.raises(NoPodMembers, match="No pod members found"):
        await _plan(world, Kind.REPOST)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=world.tenant.pod_id,
        kinds=[Kind.REPOST],
        actor="test",
        correlation_id="c",
    )
    with pytest.raises(PostNotFound):
        await world.planner.plan(request)


async def test_nothing_is_handed_over_before_its_time(world: World) -> None:
    """E1: not due yet, not executed; handed over at most 250 ms early."""
    await _plan(world, Kind.LIKE)
    assert await world.dispatch_all() == []
    first = (await world.activities())[0]["due_at"]
    world.clock.move_to(first - timedelta(milliseconds=251))
    assert await world.dispatch_all() == []
    world.clock.move_to(first - timedelta(milliseconds=249))
    commands = await world.dispatch_all()
    assert [command.due_at for command in commands] == [first]


async def test_a_success_is_recorded_once(world: World) -> None:
    """E4, E5: the repeated outcome changes nothing; the use is counted once."""
    await _plan(world, Kind.LIKE)
    world.clock.move_to((await world.activities())[0]["due_at"])
    (command,) = await world.dispatch_all()
    await world.settle(outcome(command), outcome(command))
    await world.settle(outcome(command))
    row = next(r for r in await world.activities() if r["id"] == command.activity_id)
    assert row["state"] == "executed"
    assert row["executed_at"] == command.due_at
    gates = await world.rows("select scope, uses, in_flight from scheduler.limit_gates")
    assert all(len(gate["uses"]) == 1 and gate["in_flight"] == [] for gate in gates)


async def test_retries_then_the_manual_queue(world: World) -> None:
    """E6, E7: at once, +500 ms, +1.5 s, then a person."""
    await _plan(world, Kind.LIKE)
    world.clock.move_to((await world.activities())[0]["due_at"])
    (command,) = await world.dispatch_all()
    waits = []
    for _ in range(2):
        await world.settle(outcome(command, Outcome.FAILED, at=world.clock.now()))
        row = next(r for r in await world.activities() if r["id"] == command.activity_id)
        waits.append((row["due_at"] - world.clock.now()).total_seconds())
        assert row["state"] == "scheduled"
        world.clock.move_to(row["due_at"])  # a call without effect uses up no limit
        command = next(
            c for c in await world.dispatch_all() if c.activity_id == command.activity_id
        )
    assert waits == [0.5, 1.5]
    await world.settle(outcome(command, Outcome.FAILED, at=world.clock.now()))
    row = next(r for r in await world.activities() if r["id"] == command.activity_id)
    assert (row["state"], row["needs_person"], row["failure_count"]) == ("failed", True, 3)
    assert row["last_error"]["error_type"] == ErrorType.NETWORK_ERROR
    assert row["last_error"]["will_retry"] is False
    assert "attempts_used_up" in await world.decisions(command.activity_id)


async def test_a_challenge_pauses_the_account(world: World) -> None:
    """INVARIANT: the first challenge stops the account; its load moves to nobody."""
    await _plan(world, Kind.LIKE)
    world.clock.move_to((await world.activities())[0]["due_at"])
    (command,) = await world.dispatch_all()
    await world.settle(
        outcome(
            command,
            Outcome.FAILED,
            error=ErrorType.AUTH_ERROR,
            retryable=False,
            challenge=True,
        )
    )
    pauses = await world.rows("select scope, scope_id, code from scheduler.pauses")
    assert pauses == [{"scope": "account", "scope_id": command.account_id, "code": "challenge"}]
    assert (await world.decisions(command.activity_id))[-2:] == ["challenge", "account_paused"]


async def test_unknown_is_verified_and_never_performed_again(world: World) -> None:
    """INVARIANT: what may have happened is looked for; after four looks a person decides."""
    await _plan(world, Kind.LIKE)
    world.clock.move_to((await world.activities())[0]["due_at"])
    (command,) = await world.dispatch_all()
    for number in range(4):
        await world.settle(outcome(command, Outcome.UNKNOWN))
        world.clock.advance(timedelta(microseconds=HOUR))
        same = [c for c in await world.dispatch_all() if c.activity_id == command.activity_id]
        assert [(c.mode, c.execution) for c in same] == [("verify", number + 2)]
        command = same[0]
    await world.settle(outcome(command, Outcome.UNKNOWN))
    row = next(r for r in await world.activities() if r["id"] == command.activity_id)
    assert (row["state"], row["needs_person"]) == ("unknown", True)
    world.clock.advance(timedelta(days=1))
    assert command.activity_id not in {c.activity_id for c in await world.dispatch_all()}
