"""A plan is one row: its decisions and its events are read out of it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chorus.documents.activity_commands import Cancel, Reject
from chorus.events import ActivityScheduled
from chorus.kafka.envelope import Outgoing, Received, decode
from chorus.outbox.relay import Relay
from chorus.testing import FakePublisher, eventually
from chorus.vocabulary import Kind
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler.planning.inputs import PlanRequest, load
from chorus_scheduler.planning.planner import PlanResult
from chorus_scheduler.store import plan_writes
from chorus_scheduler.store.plan_writes import NEWS, Storing
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import record_from

MODELS = {ActivityScheduled.type: ActivityScheduled}


async def _plan(world: World, *kinds: Kind) -> tuple[PlanRequest, PlanResult]:
    texts = [f"A thought, number {number}" for number in range(10)]
    post = await make_post(world.owner, world.tenant, published_at=NOW, comment_texts=texts)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=kinds,
        actor="test",
        correlation_id="c-1",
    )
    return request, await world.planner.plan(request)


@asynccontextmanager
async def _running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        relay.request_stop()
        await task


async def _relayed(world: World, **options: Any) -> list[Outgoing]:
    """What a relay of this version sends until nothing waits."""
    publisher = FakePublisher()
    relay = Relay(world.pool, world.dsn, "scheduler", publisher, reading=NEWS, **options)
    async with _running(relay):
        await eventually(lambda: _nothing_waits(world))
    return publisher.sent


async def _nothing_waits(world: World) -> bool:
    (row,) = await world.rows(
        "select (select count(*) from scheduler.outbox)"
        " + (select count(*) from scheduler.plans where not told) as n"
    )
    return bool(row["n"] == 0)


def _read(message: Outgoing) -> Received[ActivityScheduled]:
    received = decode(record_from(message), MODELS)
    assert isinstance(received.event, ActivityScheduled)
    return received  # type: ignore[return-value]


async def _shown(world: World, activity: UUID, client: UUID | None = None) -> list[dict[str, Any]]:
    """The decisions of an activity as the gateway reads them."""
    tenant = str(client or world.tenant.client_id)
    await world.rows("select set_config('chorus.client_id', %s, false)", tenant)
    return await world.rows(
        "select * from scheduler.api_decisions where activity_id = %s order by id", activity
    )


async def test_every_new_activity_is_announced(world: World) -> None:
    """A2, K1: `activity.scheduled` for each, readable by the model, keyed, with its trace."""
    request, planning = await _plan(world, Kind.REPOST)
    sent = await _relayed(world)
    assert {message.topic for message in sent} == {"activity.scheduled"}
    assert [message.key.decode() for message in sent] == [
        str(entry.by.account_id) for entry in planning.planned
    ]
    for message, entry in zip(sent, planning.planned, strict=True):
        received = _read(message)
        event = received.event
        assert (event.activity_id, event.post_id) == (entry.id, request.post_id)
        assert (event.kind, event.state, event.lane) == (entry.kind, entry.state, "api")
        assert (event.reason_code, event.reason) == (entry.decision.code, entry.decision.sentence)
        assert event.correlation_id == "c-1"
        assert event.scheduled_for is not None
        assert timedelta(minutes=2) <= event.scheduled_for - NOW <= timedelta(minutes=15), "P3"
        assert received.traceparent
        assert (received.source, received.time) == ("chorus/scheduler", NOW)
        assert dict(message.headers)["ce_subject"] == message.key
    assert len(sent) == 8


async def test_a_plan_that_is_told_again_has_the_same_events(world: World) -> None:
    """INVARIANT: a crash between the broker's answer and the mark repeats, and changes nothing."""
    await _plan(world, Kind.LIKE, Kind.COMMENT)
    first = await _relayed(world)
    await world.rows("update scheduler.plans set told = false returning id")
    assert await _relayed(world) == first
    assert len({_read(message).id for message in first}) == 16
    assert await _relayed(world) == [], "what is told is not told again by itself"


async def test_a_broker_that_is_away_loses_no_plan(world: World) -> None:
    """INVARIANT: a plan waits for the broker."""
    publisher = FakePublisher()
    publisher.available = False
    relay = Relay(world.pool, world.dsn, "scheduler", publisher, reading=NEWS)
    async with _running(relay):
        await asyncio.wait_for(relay.leading.wait(), 10)
        await _plan(world, Kind.LIKE)
        publisher.available = True
        await eventually(lambda: len(publisher.sent) == 8)


@pytest.mark.parametrize("batch", [1, 3, 500])
async def test_events_keep_their_order(world: World, batch: int) -> None:
    """INVARIANT (K1): what happens to an activity is told after its plan, in the order of changes,
    whether it lies in the outbox or in a plan.
    """
    _, first = await _plan(world, Kind.COMMENT)
    for entry in first.planned[:5]:
        await world.approve(_wish(world, entry.id))
    _, second = await _plan(world, Kind.COMMENT)
    for entry in (*second.planned[:3], *first.planned[5:]):
        await world.steering.reject(Reject(**_wish(world, entry.id)))
    told: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for message in await _relayed(world, batch=batch):
        event = _read(message).event
        told[event.account_id].append((event.activity_id, event.state))
    changes = [
        *((entry, "awaiting_approval") for entry in first.planned),
        *((entry, "scheduled") for entry in first.planned[:5]),
        *((entry, "awaiting_approval") for entry in second.planned),
        *((entry, "cancelled") for entry in (*second.planned[:3], *first.planned[5:])),
    ]
    expected: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for entry, state in changes:
        expected[entry.by.account_id].append((entry.id, state))
    assert told == expected


def _wish(world: World, activity: UUID) -> dict[str, Any]:
    return {"client_id": world.tenant.client_id, "activity_id": activity, "actor": "user:1"}


async def test_a_relay_of_before_leaves_plans_alone(world: World) -> None:
    """Two versions side by side: what the older one cannot read waits, and is told later."""
    _, planning = await _plan(world, Kind.COMMENT)
    await world.approve(_wish(world, planning.planned[0].id))
    older = FakePublisher()
    async with _running(Relay(world.pool, world.dsn, "scheduler", older)):
        await eventually(lambda: len(older.sent) == 1)
    assert _read(older.sent[0]).event.state == "scheduled"
    assert len(await _relayed(world)) == 8


async def test_rows_of_before_are_sent_and_shown(world: World) -> None:
    """A decision and an event that an older version stored row by row stay readable."""
    _, planning = await _plan(world, Kind.LIKE)
    told = await _relayed(world)
    entry = planning.planned[0]
    await world.rows("update scheduler.plans set told = true returning id")
    await world.rows(
        "with gone as (delete from scheduler.plans) insert into scheduler.decisions (client_id,"
        " activity_id, code, sentence, actor) select client_id, id, reason_code, reason, 'test'"
        " from scheduler.activities returning id"
    )
    await world.rows(
        "insert into scheduler.outbox (topic, key, value, headers)"
        " values ('activity.scheduled', %s, %s, '[[\"ce_id\", \"1\"]]') returning id",
        told[0].key,
        told[0].value,
    )
    (row,) = await _shown(world, entry.id)
    assert (row["code"], row["sentence"]) == (entry.decision.code, entry.decision.sentence)
    (message,) = await _relayed(world)
    assert (message.key, message.value) == (told[0].key, told[0].value)


async def test_a_plans_decisions_come_first_and_are_whole(world: World) -> None:
    """INVARIANT: every activity has its decision, with the limit, its use and the next time."""
    await world.owner.execute(
        "insert into scheduler.rate_limits (client_id, platform, kind, per_day)"
        " values (%s, 'linkedin', 'like', 1)",
        (world.tenant.client_id,),
    )
    await _plan(world, Kind.LIKE)
    _, planning = await _plan(world, Kind.LIKE)
    for entry in planning.planned:
        (row,) = await _shown(world, entry.id)
        limit = entry.decision.limit
        assert limit is not None
        assert (row["limit_name"], row["limit_value"], row["limit_used"]) == ("per_day", 1, 1)
        assert (row["code"], row["sentence"]) == ("moved_by_limit", entry.decision.sentence)
        assert (row["account_id"], row["kind"]) == (entry.by.account_id, "like")
        assert (row["actor"], row["correlation_id"]) == ("test", "c-1")
    rows = {row["id"]: row for row in await world.activities()}
    for entry in planning.planned:
        (row,) = await _shown(world, entry.id)
        assert row["next_possible_at"] == rows[entry.id]["scheduled_for"]
    activity = planning.planned[0].id
    await world.steering.cancel(Cancel(**_wish(world, activity)))
    assert [row["code"] for row in await _shown(world, activity)] == ["moved_by_limit", "cancelled"]


async def test_nobody_reads_another_tenants_plan(world: World) -> None:
    """INVARIANT (P10): a plan's decisions are their tenant's alone."""
    _, planning = await _plan(world, Kind.LIKE)
    assert len(await _shown(world, planning.planned[0].id)) == 1
    assert await _shown(world, planning.planned[0].id, uuid4()) == []


async def _storing(world: World, request: PlanRequest, planning: PlanResult) -> Storing:
    async with world.pool.connection() as conn, conn.transaction():
        harness = await load(conn, request)
    return Storing(
        post=harness.post,
        pod_id=harness.pod_id,
        lane=dict(planning.lane),
        seed=planning.seed,
        reaction="like",
        approval_expires=timedelta(0),
        actor="test",
        correlation_id="c-2",
        traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
        time=NOW,
    )


async def test_a_second_row_for_an_intent_is_an_error(world: World) -> None:
    """INVARIANT: an intent that is there already is not stored again, and nothing beside it."""
    request, planning = await _plan(world, Kind.LIKE)
    storing = await _storing(world, request, planning)
    another = replace(planning.planned[0], id=uuid4(), kind=Kind.COMMENT)
    again = replace(planning.planned[1], id=uuid4())
    async with world.pool.connection() as conn:
        with pytest.raises(psycopg.errors.UniqueViolation):
            async with conn.transaction(), conn.pipeline():
                await plan_writes.store(conn, [another, again], storing)
        await conn.execute("select 1")
    assert len(await world.activities()) == 8
    assert len(await _relayed(world)) == 8, "the plan went with its activities"


async def test_a_plan_that_becomes_visible_late_is_told(world: World) -> None:
    """INVARIANT: a plan whose transaction ends after those of later places is never skipped."""
    request, planning = await _plan(world, Kind.LIKE)
    _, other = await _plan(world, Kind.COMMENT)
    storing = await _storing(world, request, planning)
    late = replace(planning.planned[0], id=uuid4(), kind=Kind.COMMENT)
    async with world.pool.connection() as conn, conn.transaction():
        await plan_writes.store(conn, [late], storing)
        await world.approve(_wish(world, other.planned[0].id))
        assert len(await _relayed(world)) == 17
    (message,) = await _relayed(world)
    assert _read(message).event.activity_id == late.id


async def test_two_who_plan_at_once_make_one_plan(world: World) -> None:
    """INVARIANT: one intent is one activity, whoever plans beside whom."""
    request, _ = await _plan(world, Kind.LIKE)
    again = replace(request, kinds=[Kind.LIKE, Kind.COMMENT])
    both = await asyncio.gather(*(world.planner.plan(again) for _ in range(4)))
    assert sorted(len(each.planned) for each in both) == [0, 0, 0, 8]
    assert len(await world.activities()) == 16
    assert len(await _relayed(world)) == 16


async def test_a_large_plan_is_told_in_batches(world: World) -> None:
    """A plan of many is several rows, each a batch of the relay; nobody is left out."""
    tenant = await make_tenant(
        world.owner, members=plan_writes.AT_ONCE + 1, provider_prefix="many", name="Many"
    )
    post = await make_post(world.owner, tenant, published_at=NOW)
    request = PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=[Kind.REPOST],
        actor="test",
        correlation_id="c",
    )
    planning = await world.planner.plan(request)
    sizes = await world.rows(
        "select cardinality(activity_ids) as n from scheduler.plans order by n"
    )
    assert [row["n"] for row in sizes] == [1, plan_writes.AT_ONCE]
    sent = await _relayed(world)
    assert [_read(message).event.activity_id for message in sent] == [
        entry.id for entry in planning.planned
    ]
