"""Sweeps live, ask about little at a time, and delete what nobody needs any more."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from chorus.documents import KindPolicy, PodPolicy
from chorus.telemetry import metrics
from chorus.vocabulary import Kind
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler import reconciling
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner, PlanResult
from chorus_scheduler.reconciling import Reconciler
from chorus_scheduler.retention import Retention
from chorus_scheduler.store import gates
from tests.integration.scheduler.conftest import NOW, World


class _Stumbling(Planner):
    """A planner that one post is too much for."""

    stumbles_at: UUID | None = None

    async def plan(self, request: PlanRequest) -> PlanResult:
        """As ever, but for one."""
        if request.post_id == self.stumbles_at:
            raise ZeroDivisionError
        return await super().plan(request)


def _reconciler(world: World, planner: Planner) -> Reconciler:
    return Reconciler(
        pool=world.pool,
        publisher=world.publisher,
        clock=world.clock,
        settings=world.settings,
        planner=planner,
        publishing=world.publishing,
    )


async def test_one_post_stops_no_sweep(world: World) -> None:
    """Finding D6: the others are planned; the one is counted, told of, and tried again later."""
    (row,) = await world.rows("select now() as now")
    world.clock.move_to(row["now"])
    posts = [
        await make_post(world.owner, world.tenant, published_at=world.clock.now()) for _ in range(3)
    ]
    world.clock.advance(25)
    planner = _Stumbling(pool=world.pool, clock=world.clock)
    planner.stumbles_at = posts[0]
    sweeps = _reconciler(world, planner)
    counted = metrics.activities.failed_items.labels("unplanned")._value.get()
    assert await sweeps.unplanned() == 3
    assert {row["post_id"] for row in await world.activities()} == set(posts[1:])
    assert metrics.activities.failed_items.labels("unplanned")._value.get() == counted + 1
    told = await world.rows("select post_id from scheduler.decisions where code = 'sweep_failed'")
    assert [row["post_id"] for row in told] == [posts[0]]
    assert await sweeps.unplanned() == 0, "not at once"
    planner.stumbles_at = None
    world.clock.advance(31)
    assert await sweeps.unplanned() == 1
    assert {row["post_id"] for row in await world.activities()} == set(posts)


async def test_consents_are_asked_account_by_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding D10: a round asks about some accounts, whatever else is planned; after some rounds
    all were asked, and it begins anew.
    """
    monkeypatch.setattr(reconciling, "_ACCOUNTS_AT_ONCE", 3)
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    await world.planner.plan(_likes(world, post))
    await world.owner.execute("update gateway.accounts set consented_kinds = '{}'")
    assert [await world.sweeper.consents() for _ in range(4)] == [3, 3, 2, 0]
    assert {row["state"] for row in await world.activities()} == {"cancelled"}


def _likes(world: World, post: UUID) -> PlanRequest:
    return PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="test",
        correlation_id="c",
    )


async def test_what_nobody_needs_is_deleted(world: World) -> None:
    """Finding D12: gates, decisions, plans, marks of planned posts and interruptions do not grow
    for ever; what is in use or recent stays.
    """
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    await world.planner.plan(_likes(world, post))
    now = world.clock.now()
    micros = int(now.timestamp() * 1_000_000)
    await world.owner.execute(
        "insert into scheduler.limit_gates (scope, uses, in_flight) values"
        " ('account:old', array[%s], '{}'), ('account:new', array[%s], '{}'),"
        " ('account:busy', '{}', array['x']), ('account:empty', '{}', '{}')",
        (micros - 26 * 3_600_000_000, micros - 23 * 3_600_000_000),
    )
    await world.owner.execute(
        "insert into scheduler.interruptions (client_id, lane, began_at, ended_at)"
        " values (gen_random_uuid(), 'api', %s, %s), (gen_random_uuid(), 'api', %s, %s)",
        (now - timedelta(days=40), now - timedelta(days=39), now - timedelta(days=1), now),
    )
    await world.owner.execute("update scheduler.plans set planned_at = %s, told = true", (now,))
    retention = Retention(pool=world.pool, clock=world.clock, settings=world.settings)
    assert [await each() for each in retention.rounds] == [2, 0, 0, 0, 1, 0, 0]
    kept = {row["scope"] for row in await world.rows("select scope from scheduler.limit_gates")}
    assert kept == {"account:new", "account:busy"}
    old = now - timedelta(days=401)
    await world.owner.execute("update scheduler.plans set planned_at = %s", (old,))
    await world.owner.execute(
        "insert into scheduler.post_plans values (%s, %s, 0, 0, %s)",
        (post, world.tenant.client_id, now - timedelta(days=31)),
    )
    await world.owner.execute(
        "insert into scheduler.decisions (client_id, code, sentence, actor, at)"
        " values (%s, 'old', 'Long ago, and told', 'test', %s)",
        (world.tenant.client_id, old),
    )
    plans = len(await world.rows("select 1 from scheduler.plans"))
    assert [await each() for each in retention.rounds] == [0, 1, plans, 1, 0, 0, 0]


async def test_a_gate_that_is_deleted_meanwhile_is_made_again(world: World) -> None:
    """Finding D12: no hand-over fails because its gate was thought to be unused."""
    async with world.pool.connection() as conn, conn.transaction():
        locked = await gates.lock(conn, ["account:a", "account:b"], make=True)
    assert set(locked) == {"account:a", "account:b"}
    retention = Retention(pool=world.pool, clock=world.clock, settings=world.settings)
    assert await retention.gates() == 2
    async with world.pool.connection() as conn, conn.transaction():
        assert set(await gates.lock(conn, ["account:a"], make=True)) == {"account:a"}


async def test_plans_of_one_tenant_see_each_other(world: World) -> None:
    """Finding D4: made outside the lock, stored under it: two at once break no limit."""
    tenant = await make_tenant(world.owner, members=3, provider_prefix="two")
    posts = [await make_post(world.owner, tenant, published_at=NOW) for _ in range(6)]
    requests = [
        PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE],
            actor="test",
            correlation_id="c",
        )
        for post in posts
    ]
    await asyncio.gather(*(world.planner.plan(request) for request in requests))
    rows = await world.activities()
    assert len(rows) == 18
    for account in tenant.accounts:
        dues = sorted(row["due_at"] for row in rows if row["account_id"] == account)
        gaps = [later - earlier for earlier, later in pairwise(dues)]
        assert all(gap >= timedelta(seconds=60) for gap in gaps)


async def test_what_an_account_did_counts_when_it_is_planned(world: World) -> None:
    """Finding F: uses of the past are uses: nine likes in the last hour leave one of ten, and a
    cooldown runs from the last.
    """
    soon = PodPolicy(like=KindPolicy(from_seconds=60, to_seconds=600))
    tenant = await make_tenant(world.owner, members=1, policy=soon, provider_prefix="used")
    (account,) = tenant.accounts
    uses = [int((NOW - timedelta(minutes=50 - number)).timestamp()) for number in range(9)]
    await world.owner.execute(
        "insert into scheduler.limit_gates (scope, uses) values (%s, %s)",
        (f"account:{account}:like", [use * 1_000_000 for use in uses]),
    )
    for _ in range(2):
        post = await make_post(world.owner, tenant, published_at=NOW - timedelta(minutes=5))
        request = PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE],
            actor="test",
            correlation_id="c",
        )
        await world.planner.plan(request)
    first, second = await world.activities()
    assert first["due_at"] < NOW + timedelta(minutes=30)
    instants = [*uses, first["due_at"].timestamp(), second["due_at"].timestamp()]
    assert instants[-1] - instants[0] >= 3600
    assert second["reason_code"] == "moved_by_limit"
