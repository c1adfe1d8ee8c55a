"""Clearing a queue (A4): what is planned is called off, counted, and gone on with after a crash."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.vocabulary import Kind, Outcome
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler import clearing as rounds
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.retention import Retention
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome


async def _post(world: World, *kinds: Kind) -> UUID:
    thoughts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=thoughts)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=list(kinds or (Kind.LIKE,)),
        actor="test",
        correlation_id="c",
    )
    await world.planner.plan(request)
    return post


async def _clear(world: World, scope: str = "tenant", **more: Any) -> Cleared:
    asked = {
        "client_id": world.tenant.client_id,
        "scope": scope,
        "reason": "The campaign is over.",
        "actor": "user:ada",
    }
    return await world.steering.clear_queue(ClearQueue.model_validate(asked | more))


async def _states(world: World) -> Counter[str]:
    return Counter(row["state"] for row in await world.activities())


async def test_what_is_planned_is_cancelled_with_its_reason(world: World) -> None:
    """A4: the count, the no and why stand in each row, its story and the live view."""
    await _post(world, Kind.LIKE, Kind.COMMENT)
    before = await _clear(world, dry_run=True)
    assert before == Cleared(planned=16, out=0, removed=0, stopped=0, left=0)
    assert await _states(world) == {"scheduled": 8, "awaiting_approval": 8}
    cleared = await _clear(world)
    assert cleared == Cleared(planned=16, out=0, removed=16, stopped=0, left=0)
    for row in await world.activities():
        assert (row["state"], row["reason_code"]) == ("cancelled", "cancelled")
        assert (row["stopped_by"], row["needs_person"]) == ("user:ada", False)
        assert "The campaign is over." in row["stop_reason"]
        assert (await world.decisions(row["id"]))[-1] == "cancelled"
    told = await world.rows("select topic from scheduler.outbox")
    assert Counter(row["topic"] for row in told) == {"activity.scheduled": 16}
    world.clock.advance(timedelta(days=1))
    assert await world.dispatch_all() == []
    assert await _clear(world) == Cleared(planned=0, out=0, removed=0, stopped=0, left=0)


async def test_only_what_is_named_is_cleared(world: World) -> None:
    """A4, P10: of a post, an account, a pod; nothing of another tenant's."""
    first, second = await _post(world), await _post(world)
    account = (await world.activities())[0]["account_id"]
    stranger = await make_tenant(world.owner, members=1, provider_prefix="other")
    foreign = {"client_id": stranger.client_id}
    for scope, scope_id in (("post", first), ("account", account), ("tenant", None)):
        assert (await _clear(world, scope, scope_id=scope_id, **foreign)).planned == 0
    assert (await _clear(world, "pod", scope_id=uuid4())).planned == 0
    assert (await _clear(world, "account", scope_id=account)).removed == 2
    assert (await _clear(world, "post", scope_id=first)).removed == 7
    left = [row for row in await world.activities() if row["state"] == "scheduled"]
    assert {row["post_id"] for row in left} == {second}
    assert (await _clear(world, "pod", scope_id=world.tenant.pod_id)).removed == 7


async def test_what_is_out_is_stopped_as_a_cancel_does(world: World) -> None:
    """INVARIANT (1, 6): its outcome is heard, and nothing more is begun of it."""
    await _post(world)
    world.clock.move_to((await world.activities())[0]["due_at"])
    (command,) = await world.dispatch_all()
    cleared = await _clear(world)
    assert (cleared.planned, cleared.out, cleared.removed, cleared.stopped) == (7, 1, 7, 1)
    await world.settle(outcome(command, Outcome.FAILED))
    assert await _states(world) == {"cancelled": 8}
    assert await _clear(world) == Cleared(planned=0, out=0, removed=0, stopped=0, left=0)


async def test_what_went_out_before_is_recorded(world: World) -> None:
    """The truth wins over the wish; what may have happened is looked for still."""
    await _post(world)
    commands = []
    for row in (await world.activities())[:2]:
        world.clock.move_to(row["due_at"])
        commands += await world.dispatch_all()
    done, unknown = commands[:2]
    await world.settle(outcome(unknown, Outcome.UNKNOWN))
    cleared = await _clear(world)
    assert cleared.out == cleared.stopped == 2
    await world.settle(outcome(done, Outcome.EXECUTED))
    states = {row["id"]: row["state"] for row in await world.activities()}
    assert (states[done.activity_id], states[unknown.activity_id]) == ("executed", "unknown")


async def test_a_crash_on_the_way_loses_nothing_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT (2): what was asked is stored first; the sweep goes on with it, batch by batch."""
    await _post(world, Kind.LIKE, Kind.COMMENT)
    monkeypatch.setattr(rounds, "BATCH", 5)
    monkeypatch.setattr(rounds, "AT_ONCE", 1)
    cleared = await _clear(world)
    assert (cleared.planned, cleared.removed, cleared.left) == (16, 5, 11)
    later = await _post(world)
    swept = [await world.sweeper.clearings() for _ in range(5)]
    assert swept == [5, 5, 1, 0, 0]
    left = [row["post_id"] for row in await world.activities() if row["state"] == "scheduled"]
    assert set(left) == {later}
    (row,) = await world.rows("select removed, stopped, ended_at from scheduler.clearings")
    assert (row["removed"], row["stopped"]) == (16, 0)
    assert row["ended_at"] is not None


async def test_two_replicas_clear_each_activity_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many go on with it at once: one decision for each."""
    await _post(world, Kind.LIKE, Kind.COMMENT)
    monkeypatch.setattr(rounds, "BATCH", 3)
    monkeypatch.setattr(rounds, "AT_ONCE", 0)
    await _clear(world)
    monkeypatch.setattr(rounds, "AT_ONCE", 2)
    for _ in range(10):
        await asyncio.gather(*(world.sweeper.clearings() for _ in range(4)))
    assert await _states(world) == {"cancelled": 16}
    assert Counter(await world.decisions())["cancelled"] == 16


async def test_what_is_held_is_left_for_the_next_time(world: World) -> None:
    """It waits for nobody's lock, and is not done before all of it is."""
    await _post(world)
    held = (await world.activities())[0]["id"]
    async with world.pool.connection() as conn, conn.transaction():
        await conn.execute("select 1 from scheduler.activities where id = %s for update", (held,))
        cleared = await _clear(world)
        assert (cleared.removed, cleared.left) == (7, 1)
    assert await world.sweeper.clearings() == 1
    assert await _states(world) == {"cancelled": 8}


async def test_what_was_cleared_is_not_planned_again(world: World) -> None:
    """INVARIANT (1): one intent is one row, and the no stays in it."""
    post = await _post(world)
    await _clear(world)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="test",
        correlation_id="c",
    )
    again = await world.planner.plan(request)
    assert not again.planned
    assert {each.state for each in again.existing} == {"cancelled"}


async def test_clearings_that_are_done_are_deleted_after_a_month(world: World) -> None:
    """A5: one that is not done stays."""
    await _clear(world)
    await world.owner.execute(
        "insert into scheduler.clearings (id, client_id, scope, reason, actor, asked_at)"
        " values (gen_random_uuid(), %s, 'tenant', 'Open.', 'user:ada', '2020-01-01')",
        (world.tenant.client_id,),
    )
    world.clock.advance(timedelta(days=365 * 5))
    retention = Retention(pool=world.pool, clock=world.clock, settings=world.settings)
    assert await retention.clearings() == 1
    (row,) = await world.rows("select reason from scheduler.clearings")
    assert row["reason"] == "Open."
