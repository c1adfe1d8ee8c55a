"""Nothing that a tenant sends or configures holds the scheduler's event loop."""

import asyncio
import time as clock

import pytest

from chorus.documents import CommentPolicy, KindPolicy, PodPolicy
from chorus.testing.loop_probe import least_held, loop_probe
from chorus.vocabulary import Kind
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World

MEMBERS = 10_000
LONGEST = 0.05
"""Seconds of the loop's own work between two turns of everybody else."""


async def _crowd(
    world: World, members: int, prefix: str, policy: PodPolicy | None = None
) -> Tenant:
    """A tenant of thousands, made without a trigger for each row."""
    await world.owner.execute("set session_replication_role = replica")
    tenant = await make_tenant(
        world.owner, members=members, policy=policy, kinds=[], provider_prefix=prefix
    )
    await world.owner.execute(
        "update gateway.accounts set consented_kinds = '{like,comment}' where client_id = %s",
        (tenant.client_id,),
    )
    await world.owner.execute("set session_replication_role = origin")
    return tenant


POLICIES = {
    "defaults": PodPolicy(),
    "all_at_one_instant": PodPolicy(like=KindPolicy(from_seconds=0, to_seconds=0)),
    "many_texts": PodPolicy(
        comment=CommentPolicy(from_seconds=3600, to_seconds=21600, approval="auto"),
        comment_texts=tuple(f"A thought, number {number}" for number in range(200)),
    ),
}


async def test_the_probe_sees_what_holds_the_loop() -> None:
    """The measure itself: work that gives no turn to anybody is seen."""
    async with loop_probe() as probe:
        until = clock.thread_time() + 0.1
        while clock.thread_time() < until:
            pass
        await asyncio.sleep(0.01)
    assert probe.longest >= 0.1


@pytest.mark.parametrize("name", POLICIES)
async def test_a_plan_of_ten_thousand_holds_nobody_up(world: World, name: str) -> None:
    """INVARIANT (D4): while one tenant's ten thousand are planned, stored and shown, everybody
    else has their turn; each ends as planned or skipped, with a reason.
    """
    tenant = await _crowd(world, MEMBERS, "crowd", POLICIES[name])
    texts = [f"Another thought, number {number}" for number in range(5000)]

    async def plan() -> None:
        post = await make_post(world.owner, tenant, published_at=NOW, comment_texts=texts)
        request = PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE, Kind.COMMENT],
            actor="test",
            correlation_id="c",
        )
        planning = await world.planner.plan(request)
        assert len(planning.planned) + len(planning.skipped) == 2 * MEMBERS

    assert await least_held(plan, below=LONGEST) < LONGEST


async def test_hours_that_hardly_ever_open_hold_nobody_up(world: World) -> None:
    """INVARIANT (D4): a minute a week, hours that no document may have, and many of both."""
    tenant = await _crowd(world, 2000, "narrow")
    await world.owner.execute(
        "update gateway.accounts set timezone = 'Europe/Berlin', active_hours ="
        " case when right(provider_account_id, 1) < '5'"
        ' then \'{"opens": "02:30", "closes": "02:31", "days": [6]}\'::jsonb'
        ' else \'{"opens": "09:00", "closes": "09:00", "days": [6]}\'::jsonb end'
        " where provider_account_id like 'narrow%'"
    )

    async def plan() -> None:
        post = await make_post(world.owner, tenant, published_at=NOW)
        request = PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.LIKE],
            actor="test",
            correlation_id="c",
        )
        planning = await world.planner.plan(request)
        codes = {entry.decision.code for entry in planning.skipped}
        assert codes == {"beyond_horizon", "hours_never_open"}
        assert len(planning.planned) + len(planning.skipped) == 2000

    assert await least_held(plan, below=LONGEST) < LONGEST
