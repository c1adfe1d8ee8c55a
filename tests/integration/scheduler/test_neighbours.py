"""Tenants beside each other: nobody's backlog, crowd or old row touches another's work."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.ids import new_id
from chorus.vocabulary import Kind, Lane, Outcome
from chorus_lab.seeding import Tenant, allow_everything, make_post, make_tenant
from chorus_scheduler.dispatcher import Dispatcher
from chorus_scheduler.store import interruptions
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome
from tests.integration.scheduler.test_placement import WIDE, _request, distances


async def test_one_old_row_moves_nobody_else(world: World) -> None:
    """Finding B5: a text whose voice took three hours is late by itself; time did not stand still,
    and another tenant's likes keep theirs. The late one is given a time, with its reason.
    """
    other = await _planned(world, "other", Kind.LIKE, members=12)
    await _planned(world, "slow", Kind.REPOST, members=1, tenant=world.tenant)
    old = next(row for row in await world.activities() if row["client_id"] != other.client_id)
    await world.owner.execute(
        "delete from scheduler.activities where client_id = %s and id <> %s",
        (world.tenant.client_id, old["id"]),
    )
    drawn = await _dues_of(world, other)
    await _voice_is_pending(world, old, due_at=NOW - timedelta(hours=3))
    first = min(drawn.values())
    while world.clock.now() < first:
        world.clock.move_to(min(first, world.clock.now() + timedelta(seconds=50)))
        await world.dispatch_all()
    world.clock.advance(timedelta(milliseconds=5))

    await world.owner.execute(
        "update scheduler.activities set voice = 'model' where id = %s", (old["id"],)
    )
    await world.dispatch_all()

    assert await _dues_of(world, other) == drawn
    assert await world.rows("select 1 from scheduler.interruptions") == []
    assert "late" in await world.decisions(old["id"])


async def test_a_crowd_fills_no_lane(world: World) -> None:
    """E1: the first tenant has all of the lane in hand, and nothing is heard; the second's one like
    goes at its time.
    """
    crowd = await _planned(world, "crowd", Kind.LIKE, members=20)
    at = NOW + timedelta(seconds=30)
    await _all_due(world, crowd, at)
    dispatcher = _dispatcher(world, in_hand=6)
    world.clock.move_to(at)
    await dispatcher.dispatch_once()
    assert await _handed(world) == {crowd.client_id: 6}

    second = await _planned(world, "second", Kind.LIKE, members=1)
    await _all_due(world, second, at)
    await dispatcher.dispatch_once()

    assert await _handed(world) == {crowd.client_id: 6, second.client_id: 1}


async def test_a_backlog_is_worked_off_beside_the_others(world: World) -> None:
    """E1: of many that are due at once, each tenant's first go in the same round."""
    crowd = await _planned(world, "crowd", Kind.LIKE, members=60)
    second = await _planned(world, "second", Kind.LIKE, members=2)
    await _all_due(world, crowd, NOW)
    await _all_due(world, second, NOW + timedelta(seconds=10))
    world.clock.move_to(NOW + timedelta(seconds=10))
    settings = world.settings.model_copy(update={"dispatch_batch": 10})

    batch = await _dispatcher(world, settings=settings).dispatch_once()

    assert await _handed(world) == {crowd.client_id: 5, second.client_id: 1 + 1}
    assert batch.full, "there is more, and it is not waited for"


def _dispatcher(world: World, *, in_hand: int | None = None, settings: Any = None) -> Dispatcher:
    chosen = settings or world.settings.model_copy(update={"dispatch_in_hand": in_hand})
    return Dispatcher(
        pool=world.pool,
        publisher=world.publisher,
        listener=world.dispatcher._listener,
        clock=world.clock,
        settings=chosen,
    )


async def test_a_lane_that_stays_full_stands_still_once(world: World) -> None:
    """ADR 18: executors are away for 40 minutes and the dispatcher is not: one interruption, and
    what is left keeps its distances.
    """
    await _planned(world, "full", Kind.LIKE, members=6)
    drawn = sorted(row["due_at"] for row in await world.activities())
    dispatcher = _dispatcher(world, in_hand=1)
    world.clock.move_to(drawn[0])
    await dispatcher.dispatch_once()
    (command,) = world.commands()
    for _ in range(40 * 60 // 10):
        world.clock.advance(timedelta(seconds=10))
        await dispatcher.dispatch_once()
    assert len(await world.rows("select 1 from scheduler.interruptions")) == 1
    await world.settle(outcome(command, Outcome.EXECUTED))
    while (await world.dispatcher.dispatch_once()).claimed:
        pass
    placed = sorted(row["due_at"] for row in await world.activities())
    assert distances(placed)[2:] == distances(drawn)[2:], "after the one that goes at once"


async def test_between_two_interruptions_something_went_through(world: World) -> None:
    """ADR 18: a round at the instant at which one was written down ends it: the next is another."""
    await _planned(world, "twice", Kind.LIKE, members=2)
    await world.dispatch_all()
    for minutes, row in zip((1, 15), await world.activities(), strict=True):
        due = (NOW + timedelta(minutes=minutes), row["id"])
        await world.owner.execute("update scheduler.activities set due_at = %s where id = %s", due)
    for _ in range(2):
        world.clock.advance(timedelta(minutes=10))
        await world.dispatch_all()
    written = await world.rows("select ended_at from scheduler.interruptions order by ended_at")
    ends = [NOW + timedelta(minutes=minutes) for minutes in (10, 20)]
    assert [row["ended_at"] for row in written] == ends


async def test_a_lane_that_is_full_and_works_does_not_stand_still(world: World) -> None:
    """ADR 18: one tenant's act fills the lane and is not answered; another's go out one by one."""
    first = await _planned(world, "fills", Kind.LIKE, members=1)
    await _all_due(world, first, NOW + timedelta(seconds=10))
    dispatcher = _dispatcher(world, in_hand=1)
    world.clock.move_to(NOW + timedelta(seconds=10))
    await dispatcher.dispatch_once()
    second = await _planned(world, "works", Kind.LIKE, members=8)
    rows = [row for row in await world.activities() if row["client_id"] == second.client_id]
    for number, row in enumerate(rows, start=1):
        at = NOW + timedelta(seconds=10 + 20 * number)
        await world.owner.execute(
            "update scheduler.activities set due_at = %s, scheduled_for = %s where id = %s",
            (at, at, row["id"]),
        )
    for number in range(1, 9):
        world.clock.move_to(NOW + timedelta(seconds=10 + 20 * number))
        assert (await dispatcher.dispatch_once()).handed_over == 1
        await world.settle(outcome(world.commands()[-1], Outcome.EXECUTED))
        (pulse,) = await world.rows("select at from scheduler.pulses where lane = 'api'")
        assert pulse["at"] == world.clock.now()


async def _late_after_an_interruption(world: World, lane: Lane, *, lasts: timedelta) -> None:
    """A like that is late by a moment keeps its place, whatever stands there of this lane."""
    tenant = await _planned(world, "late", Kind.LIKE, members=1)
    (like,) = await world.activities()
    await world.owner.execute(
        "insert into scheduler.interruptions (client_id, lane, began_at, ended_at)"
        " values (%s, %s, %s, %s)",
        (tenant.client_id, lane, NOW, like["due_at"] + lasts),
    )
    late = like["due_at"] + timedelta(seconds=3)
    await world.owner.execute("update scheduler.pulses set at = %s", (late,))
    world.clock.move_to(late)
    await world.dispatch_all()
    (after,) = await world.activities()
    assert (after["state"], after["due_at"]) == ("dispatched", like["due_at"])


async def test_a_clock_that_was_ahead_for_a_round_moves_nobody(world: World) -> None:
    """ADR 21: what it wrote down ends later than now."""
    await _late_after_an_interruption(world, Lane.API, lasts=timedelta(hours=2))


async def test_a_lane_that_stood_still_moves_no_other(world: World) -> None:
    """ADR 18: the browsers were away until a moment ago."""
    await _late_after_an_interruption(world, Lane.BROWSER, lasts=timedelta(seconds=2))


async def test_an_interruption_that_goes_on_is_its_own_lanes(world: World) -> None:
    """ADR 18: both lanes stood still until one instant; one goes on, the other stays still, and
    nothing of the first is late by as much.
    """
    stood, now = NOW + timedelta(minutes=10), NOW + timedelta(hours=1)
    for lane in Lane:
        await world.owner.execute(
            "insert into scheduler.interruptions (client_id, lane, began_at, ended_at)"
            " values (%s, %s, %s, %s)",
            (world.tenant.client_id, lane, NOW, stood),
        )
    async with world.pool.connection() as conn, conn.transaction():
        await interruptions.beat(conn, Lane.BROWSER, seen=None, now=stood)
        await interruptions.beat(conn, Lane.API, seen=None, now=now)
        await interruptions.record(conn, Lane, now=now, patience=timedelta(seconds=30))
    written = await world.rows("select lane, ended_at from scheduler.interruptions order by lane")
    assert [(row["lane"], row["ended_at"]) for row in written] == [("api", stood), ("browser", now)]


async def test_a_replica_that_stood_still_leaves_the_others_pulse(world: World) -> None:
    """ADR 18: it was frozen between its clock and its pulse."""
    for _ in range(3):
        world.clock.advance(timedelta(seconds=50))
        await world.dispatch_all()
    pulses = "select lane, at from scheduler.pulses order by lane"
    fresh = await world.rows(pulses)
    async with world.pool.connection() as conn:
        for lane in Lane:
            await interruptions.beat(conn, lane, seen=NOW, now=NOW + timedelta(seconds=1))
        assert await world.rows(pulses) == fresh
        for row in fresh:
            await interruptions.beat(conn, Lane(row["lane"]), seen=row["at"], now=NOW)
    assert {row["at"] for row in await world.rows(pulses)} == {NOW}, "a clock that was set back"


async def _planned(
    world: World, name: str, kind: Kind, *, members: int, tenant: Tenant | None = None
) -> Tenant:
    tenant = tenant or await make_tenant(
        world.owner, members=members, policy=WIDE, provider_prefix=name
    )
    await allow_everything(world.owner, tenant, per_hour=1000)
    await world.owner.execute(
        "update gateway.pods set policy = jsonb_set(policy, '{like,per_post}', 'null')"
    )
    post = await make_post(world.owner, tenant, published_at=NOW)
    await world.planner.plan(_request(tenant, post, kind))
    return tenant


async def _dues_of(world: World, tenant: Tenant) -> dict[UUID, datetime]:
    rows = await world.activities()
    return {r["id"]: r["scheduled_for"] for r in rows if r["client_id"] == tenant.client_id}


async def _all_due(world: World, tenant: Tenant, at: datetime) -> None:
    await world.owner.execute(
        "update scheduler.activities set due_at = %s, scheduled_for = %s where client_id = %s",
        (at, at, tenant.client_id),
    )


async def _voice_is_pending(world: World, row: dict[str, Any], *, due_at: datetime) -> None:
    cartridge = new_id()
    await world.owner.execute(
        "insert into gateway.voice_cartridges (id, client_id, name, definition)"
        " values (%s, %s, 'slow', '{}')",
        (cartridge, row["client_id"]),
    )
    await world.owner.execute(
        "update scheduler.activities set voice = 'pending', source_text = 'Hi', draft_text = 'Hi',"
        " cartridge_id = %s, due_at = %s where id = %s",
        (cartridge, due_at, row["id"]),
    )


async def _handed(world: World) -> dict[UUID, int]:
    rows = await world.rows(
        "select client_id, count(*) as n from scheduler.activities"
        " where state = 'dispatched' group by client_id"
    )
    return {row["client_id"]: row["n"] for row in rows}
