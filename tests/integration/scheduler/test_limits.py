"""Limits at hand-over, by several dispatchers at once, on the real database."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chorus.documents import CommentPolicy, KindPolicy, PerPost, PodPolicy
from chorus.events import ActivityDue
from chorus.testing import FakePublisher
from chorus.vocabulary import Kind, Platform
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.dispatcher import Dispatcher
from chorus_scheduler.domain.instants import to_datetime
from chorus_scheduler.domain.sliding_windows import Limit
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.store.limits import KeptLimits
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome
from tests.unit.scheduler.test_sliding_windows_properties import breaks

AT_ONCE = PodPolicy(
    like=KindPolicy(from_seconds=0, to_seconds=0),
    comment=CommentPolicy(from_seconds=0, to_seconds=0),
)


def _likes(tenant: Tenant, post: UUID) -> PlanRequest:
    return PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="test",
        correlation_id="c",
    )


async def _flatten(world: World) -> None:
    """Throw the planner's care away: all is due now."""
    await world.owner.execute(
        "update scheduler.activities set due_at = %s, scheduled_for = %s", (NOW, NOW)
    )


def _replicas(world: World, count: int) -> list[tuple[Dispatcher, FakePublisher]]:
    made = []
    for _ in range(count):
        publisher = FakePublisher()
        dispatcher = Dispatcher(
            pool=world.pool,
            publisher=publisher,
            listener=world.dispatcher._listener,
            clock=world.clock,
            settings=world.settings,
        )
        made.append((dispatcher, publisher))
    return made


@pytest.mark.parametrize("dispatchers", [1, 4])
async def test_limits_hold_over_all_replicas(world: World, dispatchers: int) -> None:
    """INVARIANT (Q3): several dispatchers at once never hand over more than the limits allow."""
    tenant = await make_tenant(world.owner, members=3, policy=AT_ONCE, provider_prefix="crowd")
    for _ in range(30):
        post = await make_post(world.owner, tenant, published_at=NOW)
        request = _likes(tenant, post)
        await world.planner.plan(request)
    await _flatten(world)
    replicas = _replicas(world, dispatchers)
    calls: dict[object, list[float]] = {}
    for _ in range(40):
        await asyncio.gather(*(dispatcher.dispatch_once() for dispatcher, _ in replicas))
        commands = _drain(world, replicas)
        for number, command in enumerate(commands):
            late = world.clock.now() + timedelta(seconds=number)
            calls.setdefault(command.account_id, []).append(late.timestamp())
            await world.settle(outcome(command, at=late))
        world.clock.advance(timedelta(minutes=7))
    assert set(calls) == set(tenant.accounts)
    for instants in calls.values():
        micros = [int(instant * 1_000_000) for instant in instants]
        assert len(micros) > 10
        assert not breaks(micros, Limit(name="h", count=10, window=3_600_000_000))
        assert not breaks(micros, Limit(name="cooldown", count=1, window=60_000_000))
    open_rows = [row for row in await world.activities() if row["state"] == "scheduled"]
    done = [row for row in await world.activities() if row["state"] == "executed"]
    assert len(open_rows) + len(done) == 90, "put off, never dropped"
    assert {row["reason_code"] for row in open_rows} <= {"put_off_by_limit", "planned", "late"}


def _drain(world: World, replicas: list[tuple[Dispatcher, FakePublisher]]) -> list[ActivityDue]:
    sent = [message for _, publisher in replicas for message in publisher.sent]
    for _, publisher in replicas:
        publisher.sent.clear()
    world.publisher.sent[:] = sent
    return world.commands()


async def test_a_put_off_activity_says_why_and_until_when(world: World) -> None:
    """Every delay is a decision with the limit, what was used of it and the next possible time."""
    tenant = await make_tenant(world.owner, members=1, policy=AT_ONCE, provider_prefix="one")
    for _ in range(2):
        post = await make_post(world.owner, tenant, published_at=NOW)
        request = _likes(tenant, post)
        await world.planner.plan(request)
    await _flatten(world)
    (first,) = await world.dispatch_all()
    await world.settle(outcome(first, at=NOW))
    world.clock.advance(2)
    assert await world.dispatch_all() == []
    (row,) = await world.rows(
        "select limit_name, limit_value, limit_used, next_possible_at, sentence"
        " from scheduler.decisions where code = 'put_off_by_limit' order by id desc limit 1"
    )
    assert (row["limit_name"], row["limit_value"], row["limit_used"]) == ("cooldown", 1, 1)
    assert row["next_possible_at"] == NOW + timedelta(seconds=60)
    world.clock.move_to(row["next_possible_at"])
    assert len(await world.dispatch_all()) == 1


async def test_a_plan_on_the_edge_of_a_window_stands(world: World) -> None:
    """INVARIANT: the preview is what happens; a call some milliseconds late moves nobody else."""
    capped = PodPolicy(
        like=KindPolicy(from_seconds=1, to_seconds=2, per_post=PerPost(count=1, per_seconds=5))
    )
    tenant = await make_tenant(world.owner, members=6, policy=capped, provider_prefix="edge")
    post = await make_post(world.owner, tenant, published_at=NOW)
    request = _likes(tenant, post)
    planning = await world.planner.plan(request)
    called = []
    for entry in planning.planned:
        world.clock.move_to(to_datetime(entry.at) - timedelta(milliseconds=200))
        (command,) = await world.dispatch_all()
        late = command.due_at + timedelta(milliseconds=40)
        await world.settle(outcome(command, at=late))
        called.append(command.due_at)
    assert called == [to_datetime(entry.at) for entry in planning.planned]
    assert "put_off_by_limit" not in await world.decisions()


async def test_a_full_lane_is_not_topped_up_one_by_one(world: World) -> None:
    """E1: never more in hand than the bound; once full, the next ones go when a quarter is free."""
    tenant = await make_tenant(world.owner, members=12, policy=AT_ONCE, provider_prefix="many")
    post = await make_post(world.owner, tenant, published_at=NOW)
    await world.planner.plan(_likes(tenant, post))
    await _flatten(world)
    dispatcher = Dispatcher(
        pool=world.pool,
        publisher=world.publisher,
        listener=world.dispatcher._listener,
        clock=world.clock,
        settings=world.settings.model_copy(update={"dispatch_in_hand": 8}),
    )
    handed = [(await dispatcher.dispatch_once()).handed_over]
    for command in world.commands()[:3]:
        await world.settle(outcome(command, at=NOW))
        handed.append((await dispatcher.dispatch_once()).handed_over)
    assert handed == [8, 0, 2, 0]
    for command in world.commands()[3:]:
        await world.settle(outcome(command, at=NOW))
    assert (await dispatcher.dispatch_once()).handed_over == 2, "and nothing is left behind"


async def test_an_effect_that_landed_late_is_a_use_when_it_was_seen(world: World) -> None:
    """Finding A8, at limits: an answer was lost and the effect came 25 s later. A cooldown counts
    from there, not from the call: the network saw the account act then.
    """
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    await world.planner.plan(_likes(world.tenant, post))
    await _flatten(world)
    due = (await world.dispatch_all())[0]
    seen = NOW + timedelta(seconds=25)
    event = outcome(due, at=NOW, verified=True).model_copy(update={"finished_at": seen})
    world.clock.move_to(seen)

    await world.settle(event)

    scope = f"account:{due.account_id}:like"
    (gate,) = await world.rows("select uses from scheduler.limit_gates where scope = %s", scope)
    assert [to_datetime(use) for use in gate["uses"]] == [seen]


async def test_a_clock_that_steps_back_keeps_no_old_limits(world: World) -> None:
    """I3: what was read before the step is read again."""
    kept = KeptLimits()
    account = world.tenant.accounts[0]

    async def per_hour(now: datetime) -> int | None:
        async with world.pool.connection() as conn:
            limits, _ = await kept.get(conn, [], now)
        found = limits.find(world.tenant.client_id, account, Platform.LINKEDIN, Kind.LIKE)
        assert found is not None
        return found.per_hour

    before = await per_hour(NOW)
    await world.owner.execute("update scheduler.rate_limits set per_hour = 1 where kind = 'like'")
    assert before != 1
    assert await per_hour(NOW + timedelta(seconds=1)) == before
    assert await per_hour(NOW - timedelta(hours=1)) == 1
