"""The queue as alerts and scaling see it (E8, E9, K4)."""

from datetime import timedelta

import pytest

from chorus.documents import PodPolicy, RepostPolicy
from chorus.events import ActivityDue
from chorus.ids import new_id
from chorus.telemetry import metrics
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Outcome
from chorus_lab.seeding import make_post, make_tenant
from chorus_scheduler.gauges import QueueGauges
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome

BROWSER = PodPolicy(
    repost=RepostPolicy(from_seconds=0, to_seconds=0, spread="uniform"), repost_via="browser"
)


@pytest.fixture
def gauges(world: World) -> QueueGauges:
    """As the service has them, not running."""
    return QueueGauges(pool=world.pool, clock=world.clock, settings=world.settings)


def _value(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


async def _age(gauges: QueueGauges, lane: str) -> tuple[float | None, float | None]:
    await gauges.ages()
    waiting, opened = (
        _value("chorus_activities_oldest_due_age_seconds", lane=lane, stage=stage)
        for stage in ("waiting", "open")
    )
    return waiting, opened


async def _planned(world: World, members: int = 1) -> None:
    tenant = await make_tenant(
        world.owner, members=members, policy=BROWSER, provider_prefix="gauge"
    )
    post = await make_post(world.owner, tenant, published_at=NOW)
    await world.planner.plan(
        PlanRequest(
            client_id=tenant.client_id,
            post_id=post,
            kinds=[Kind.REPOST],
            actor="test",
            correlation_id="c",
        )
    )


async def _journal(world: World, command: ActivityDue) -> None:
    await world.owner.execute(
        "insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,"
        " kind, lane, mode, worker_id, command, correlation_id)"
        " values (%s, %s, %s, %s, %s, 'repost', 'browser', 'perform', %s, '{}', 'c')",
        (
            command.activity_id,
            command.execution,
            command.client_id,
            post_of(command).post_id,
            command.account_id,
            new_id(),
        ),
    )


async def test_the_age_follows_an_activity_to_its_outcome(
    world: World, gauges: QueueGauges
) -> None:
    """K4: waiting until an executor has it, open until it has an outcome; each lane by itself."""
    assert await _age(gauges, "browser") == (0, 0)
    await _planned(world)
    world.clock.advance(10)
    assert await _age(gauges, "browser") == (10, 10), "due, and not handed over"
    (command,) = await world.dispatch_all()
    world.clock.advance(5)
    assert await _age(gauges, "browser") == (15, 15), "handed over, and nobody has it"
    await _journal(world, command)
    assert await _age(gauges, "browser") == (0, 15)
    assert await _age(gauges, "api") == (0, 0)
    await world.settle(outcome(command))
    assert await _age(gauges, "browser") == (0, 0)


async def test_what_a_limit_put_off_calls_for_no_more_browsers(
    world: World, gauges: QueueGauges
) -> None:
    """K4, P4: scaling by age never follows a backlog that the lane's own limit makes."""
    await _planned(world, members=9)
    commands = await world.dispatch_all()
    assert len(commands) == 5
    for command in commands:
        await _journal(world, command)
    world.clock.advance(0.5)
    assert await _age(gauges, "browser") == (0, 0.5)


async def test_the_queue_is_counted(world: World, gauges: QueueGauges) -> None:
    """E8, E9: by state, and what waits for a person."""
    await _planned(world, members=2)
    first, _ = await world.dispatch_all()
    failure = outcome(first, Outcome.FAILED, retryable=False, called=False)
    await world.settle(failure)
    world.clock.advance(timedelta(hours=1))
    assert await gauges.depth() == 1
    assert _value("chorus_activities_manual_queue_rows") == 1
    assert _value("chorus_activities_queue_rows", state="dispatched") == 1
    assert _value("chorus_activities_queue_rows", state="scheduled") == 0
