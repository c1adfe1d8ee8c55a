"""What is out belongs to its execution: places in gates, leases, commands sent again."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import KindPolicy, PerPost, PodPolicy, RepostPolicy
from chorus.documents.activity_commands import Cancel
from chorus.errors import DependencyUnavailable
from chorus.events import ActivityDue
from chorus.vocabulary import ErrorType, Kind, Lane, Outcome
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.dispatcher import Dispatcher
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome

SOON = PodPolicy(
    like=KindPolicy(from_seconds=0, to_seconds=0),
    repost=RepostPolicy(from_seconds=0, to_seconds=0, spread="uniform"),
    repost_via="browser",
)


async def _plan(world: World, tenant: Tenant, *kinds: Kind) -> list[UUID]:
    post = await make_post(world.owner, tenant, published_at=NOW)
    request = PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=list(kinds),
        actor="test",
        correlation_id="c",
    )
    return [entry.id for entry in (await world.planner.plan(request)).planned]


async def _all_due(world: World) -> None:
    await world.owner.execute(
        "update scheduler.activities set due_at = %s, scheduled_for = %s where state = 'scheduled'",
        (world.clock.now(), world.clock.now()),
    )


async def _row(world: World, activity: UUID) -> dict[str, object]:
    return next(each for each in await world.activities() if each["id"] == activity)


def _cancel(tenant: Tenant, activity: UUID) -> dict[str, Any]:
    return {"client_id": tenant.client_id, "activity_id": activity, "actor": "ada"}


async def _in_flight(world: World) -> int:
    (found,) = await world.rows(
        "select coalesce(sum(cardinality(in_flight)), 0) as n from scheduler.limit_gates"
    )
    return int(found["n"])


async def test_a_lane_of_cancelled_activities_is_free_again(world: World) -> None:
    """Finding D3: INVARIANT: five cancelled while out, and no outcome ever: the lane goes on."""
    tenant = await make_tenant(world.owner, members=7, policy=SOON, provider_prefix="gone")
    await _plan(world, tenant, Kind.REPOST)
    await _all_due(world)
    commands = await world.dispatch_all()
    assert len(commands) == 5, "the lane is full"
    for command in commands:
        await world.steering.cancel(Cancel(**_cancel(tenant, command.activity_id)))
    world.publisher.sent.clear()
    world.clock.advance(61)
    assert await world.sweeper.leases() == 5, "they are asked after all the same"
    assert len(await world.dispatch_all()) == 2
    await world.settle(*(outcome(c, Outcome.WITHHELD, withheld="cancelled") for c in commands))
    rows = [await _row(world, command.activity_id) for command in commands]
    assert {(str(r["state"]), str(r["lease_until"])) for r in rows} == {("cancelled", "None")}


async def test_a_forgotten_place_in_a_gate_is_found(world: World) -> None:
    """Finding D3: a place that nobody holds is freed, one that somebody holds is not."""
    tenant = await make_tenant(world.owner, members=2, policy=SOON, provider_prefix="held")
    await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    first, _ = await world.dispatch_all()
    assert await world.sweeper.gates() == 0
    held = await _in_flight(world)
    await world.owner.execute(
        "update scheduler.activities set state = 'skipped', unheard = '{}', lease_until = null"
        " where id = %s",
        (first.activity_id,),
    )
    freed = await world.sweeper.gates()
    assert freed * 2 == held
    assert await _in_flight(world) == held - freed


async def test_an_older_execution_settles_and_frees_nothing(world: World) -> None:
    """Finding F: INVARIANT: what is heard of an execution counts for that execution alone."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="old")
    (activity,) = await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    (first,) = await world.dispatch_all()
    await world.settle(outcome(first, Outcome.FAILED, called=False))
    world.clock.advance(1)
    (second,) = await world.dispatch_all()
    assert second.execution == 2
    held = await _in_flight(world)
    for told in (Outcome.EXECUTED, Outcome.FAILED, Outcome.UNKNOWN):
        await world.settle(outcome(first, told))
    found = await _row(world, activity)
    assert (found["state"], found["unheard"], found["attempt"]) == ("dispatched", [2], 2)
    assert await _in_flight(world) == held
    await world.settle(outcome(second))
    assert await _in_flight(world) == 0


async def test_what_has_ended_is_not_sent_again(world: World) -> None:
    """Finding F: a lease ends with its outcome, whatever the state."""
    tenant = await make_tenant(world.owner, members=3, policy=SOON, provider_prefix="ended")
    await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    done, failed, stopped = await world.dispatch_all()
    await world.steering.cancel(Cancel(**_cancel(tenant, stopped.activity_id)))
    await world.settle(
        outcome(done),
        outcome(failed, Outcome.FAILED, retryable=False),
        outcome(stopped, Outcome.WITHHELD, withheld="cancelled"),
    )
    world.clock.advance(timedelta(hours=1))
    assert await world.sweeper.leases() == 0
    assert {row["lease_until"] for row in await world.activities()} == {None}


async def test_what_the_broker_does_not_take_goes_again_soon(world: World) -> None:
    """Finding D7: back after 5 s, not 31: a lease is long only once the broker has the command."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="away")
    await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    world.publisher.available = False
    with pytest.raises(DependencyUnavailable):
        await world.dispatcher.dispatch_once()
    for _ in range(3):
        world.clock.advance(6)
        with pytest.raises(DependencyUnavailable):
            await world.sweeper.leases()
    world.publisher.available = True
    world.clock.advance(6)
    assert await world.sweeper.leases() == 1
    world.clock.advance(6)
    assert await world.sweeper.leases() == 0, "and now it has its time"


async def test_one_full_lane_does_not_stop_the_other(world: World) -> None:
    """Finding D5: room is counted lane by lane, both ways."""
    tenant = await make_tenant(world.owner, members=12, policy=SOON, provider_prefix="lanes")
    dispatcher = Dispatcher(
        pool=world.pool,
        publisher=world.publisher,
        listener=world.dispatcher._listener,
        clock=world.clock,
        settings=world.settings.model_copy(update={"dispatch_in_hand": 3}),
    )
    await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    assert (await dispatcher.dispatch_once()).handed_over == 3
    busy = {command.account_id for command in world.commands()}
    await _plan(world, tenant, Kind.REPOST)
    await world.owner.execute(
        "update scheduler.activities set due_at = case when account_id = any(%s)"
        " then due_at + interval '1 day' else %s end where kind = 'repost'",
        (list(busy), NOW - timedelta(minutes=1)),
    )
    await dispatcher.dispatch_once()
    lanes = [command.lane for command in world.commands()]
    assert (lanes.count(Lane.API), lanes.count(Lane.BROWSER)) == (3, 3)


async def test_an_account_acts_in_one_lane_at_a_time(world: World) -> None:
    """Finding D18: INVARIANT: an account never does two things at once, over lanes and replicas."""
    tenant = await make_tenant(world.owner, members=4, policy=SOON, provider_prefix="two")
    await _plan(world, tenant, Kind.LIKE, Kind.REPOST)
    acting: dict[UUID, ActivityDue] = {}
    for _ in range(30):
        await _all_due(world)
        before = len(world.commands())
        await asyncio.gather(*(world.dispatcher.dispatch_once() for _ in range(3)))
        for command in world.commands()[before:]:
            other = acting.get(command.account_id)
            assert other is None or other.lane == command.lane
            acting[command.account_id] = command
        if acting:
            _, command = acting.popitem()
            await world.settle(outcome(command, at=world.clock.now()))
        world.clock.advance(timedelta(seconds=61))
    done = [row for row in await world.activities() if row["state"] == "executed"]
    assert len(done) == 8, "and all of it happens"


async def test_one_target_under_two_addresses_is_acted_on_once(world: World) -> None:
    """Finding A4: INVARIANT: before a call no other activity of that account, kind and target."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="same")
    for _ in range(2):
        await _plan(world, tenant, Kind.LIKE)
    await world.owner.execute(
        "update scheduler.activities set target_social_id = 'urn:li:activity:77'"
    )
    await _all_due(world)
    (command,) = await world.dispatch_all()
    world.clock.advance(timedelta(minutes=3))
    assert await world.dispatch_all() == [], "it waits while the other is out"
    await world.settle(outcome(command, Outcome.UNKNOWN))
    world.clock.advance(timedelta(minutes=3))
    looks = await world.dispatch_all()
    assert [c.activity_id for c in looks] == [command.activity_id]
    await world.settle(outcome(looks[0], Outcome.EXECUTED, verified=True))
    world.clock.advance(timedelta(hours=3))
    assert await world.dispatch_all() == []
    states = {(row["state"], row["reason_code"]) for row in await world.activities()}
    assert ("skipped", "already_acted") in states


async def test_two_that_prove_to_be_one_target_are_both_recorded(world: World) -> None:
    """Finding A4: the truth is stored, though the addresses were found to be one too late."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="late")
    await _plan(world, tenant, Kind.LIKE)
    await _plan(world, tenant, Kind.LIKE)
    await world.owner.execute("update scheduler.rate_limits set cooldown = '0'")
    await _all_due(world)
    commands = await world.dispatch_all()
    same = [
        event.model_copy(
            update={"result": event.result.model_copy(update={"social_id": "urn:li:activity:5"})}
        )
        for event in (outcome(command) for command in commands)
        if event.result is not None
    ]
    assert len(same) == 2
    await world.settle(*same)
    assert {row["state"] for row in await world.activities()} == {"executed"}


async def test_a_clock_ahead_passes_no_limit(world: World) -> None:
    """Finding D8: INVARIANT: a use that lies after now is a use."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="ahead")
    await world.owner.execute(
        "insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day)"
        " values (%s, 'linkedin', 'like', 1, 50)",
        (tenant.client_id,),
    )
    for _ in range(2):
        await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    (command,) = await world.dispatch_all()
    ahead = world.clock.now() + timedelta(minutes=2)
    await world.settle(outcome(command, at=ahead))
    for _ in range(60):
        assert await world.dispatch_all() == []
        world.clock.advance(timedelta(minutes=1))
        await _all_due(world)
    world.clock.move_to(ahead + timedelta(hours=1))
    await _all_due(world)
    assert len(await world.dispatch_all()) == 1


async def test_an_unknown_outcome_is_a_use_for_a_day(world: World) -> None:
    """Finding F: what may have happened uses the limit, and a use is kept for a day."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="day")
    await world.owner.execute(
        "insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day)"
        " values (%s, 'linkedin', 'like', 5, 3)",
        (tenant.client_id,),
    )
    for _ in range(4):
        await _plan(world, tenant, Kind.LIKE)
    await world.owner.execute(
        "update scheduler.activities set due_at = due_at + interval '2 days'"
        " where id <> all(array(select id from scheduler.activities order by due_at, id limit 2))"
    )
    await _due_soon(world, NOW)
    commands = await world.dispatch_all()
    assert len(commands) == 2
    await world.settle(outcome(commands[0], Outcome.UNKNOWN, at=NOW), outcome(commands[1], at=NOW))
    await world.owner.execute(
        "update scheduler.activities set needs_person = true where state = 'unknown'"
    )
    world.clock.move_to(NOW + timedelta(hours=2))
    await _all_due(world)
    (third,) = await world.dispatch_all()
    await world.settle(outcome(third, at=world.clock.now()))
    for hours in (4, 12, 23):
        world.clock.move_to(NOW + timedelta(hours=hours))
        await _all_due(world)
        assert await world.dispatch_all() == []
    world.clock.move_to(NOW + timedelta(days=1, seconds=1))
    await _all_due(world)
    assert len(await world.dispatch_all()) == 1


async def _due_soon(world: World, now: datetime) -> None:
    await world.owner.execute(
        "update scheduler.activities set due_at = %s where due_at < %s",
        (now, now + timedelta(days=1)),
    )


async def test_a_posts_limit_holds_at_hand_over(world: World) -> None:
    """Finding F: at most so many members on one post, whatever the plan said (A1)."""
    policy = PodPolicy(
        like=KindPolicy(from_seconds=0, to_seconds=0, per_post=PerPost(count=2, per_seconds=600))
    )
    tenant = await make_tenant(world.owner, members=5, policy=policy, provider_prefix="post")
    await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    commands = await world.dispatch_all()
    assert len(commands) == 2
    await world.settle(*(outcome(command, at=NOW) for command in commands))
    world.clock.move_to(NOW + timedelta(seconds=599))
    await _all_due(world)
    assert await world.dispatch_all() == []


async def test_a_put_off_activity_shows_its_new_time(world: World) -> None:
    """Finding F: who is put off has a new time, and never an earlier one."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="off")
    for _ in range(2):
        await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    (first,) = await world.dispatch_all()
    await world.settle(outcome(first, at=NOW))
    world.clock.advance(2)
    await world.dispatch_all()
    (waiting,) = [row for row in await world.activities() if row["state"] == "scheduled"]
    assert waiting["scheduled_for"] == waiting["due_at"] == NOW + timedelta(seconds=60)


async def test_who_was_asked_to_slow_down_does_nothing_else(world: World) -> None:
    """Finding D9: a 429 without a time is a considerate wait, for all that the account does."""
    tenant = await make_tenant(world.owner, members=1, policy=SOON, provider_prefix="slow")
    await _plan(world, tenant, Kind.LIKE, Kind.REPOST)
    for _ in range(2):
        await _plan(world, tenant, Kind.LIKE)
    await _all_due(world)
    command = (await world.dispatch_all())[0]
    await world.settle(outcome(command, Outcome.FAILED, error=ErrorType.RATE_LIMIT, called=False))
    for _ in range(14):
        world.clock.advance(timedelta(minutes=1))
        await _all_due(world)
        assert await world.dispatch_all() == []
    codes = {row["reason_code"] for row in await world.activities()}
    assert "account_cooled_down" in codes
    world.clock.advance(timedelta(minutes=1, seconds=1))
    await _all_due(world)
    assert await world.dispatch_all()
