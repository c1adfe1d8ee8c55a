"""What stands still or was lost on the way is taken up again."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from chorus.errors import DependencyUnavailable
from chorus.events import PostQueued
from chorus.ids import new_id
from chorus.vocabulary import Kind, Outcome, Platform
from chorus_lab.seeding import make_post
from chorus_scheduler.planning.inputs import PlanRequest
from tests.integration.scheduler.conftest import NOW, World
from tests.integration.scheduler.events import outcome


async def _due_like(world: World) -> UUID:
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    request = PlanRequest(
        client_id=world.tenant.client_id,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="test",
        correlation_id="c",
    )
    await world.planner.plan(request)
    row = (await world.activities())[0]
    world.clock.move_to(row["due_at"])
    return UUID(str(row["id"]))


async def test_a_command_the_broker_never_took_is_sent_again(world: World) -> None:
    """INVARIANT: the ledger's row is the outbox of its command; same execution, so it acts once."""
    activity = await _due_like(world)
    world.publisher.available = False
    with pytest.raises(DependencyUnavailable):
        await world.dispatcher.dispatch_once()
    world.publisher.available = True
    assert world.commands() == []
    assert await world.sweeper.leases() == 0, "not before its lease is over"
    world.clock.advance(6)
    assert await world.sweeper.leases() == 1
    (command,) = world.commands()
    assert (command.activity_id, command.execution) == (activity, 1)


async def _journal(world: World, activity: UUID) -> None:
    await world.owner.execute(
        "insert into engagement.attempts (activity_id, execution, client_id, post_id, account_id,"
        " kind, lane, mode, worker_id, command, correlation_id)"
        " select id, execution, client_id, post_id, account_id, kind, lane, mode, %s, '{}', 'c'"
        " from scheduler.activities where id = %s",
        (new_id(), activity),
    )


async def test_a_journaled_command_is_left_to_its_executor_for_longer(world: World) -> None:
    """No needless repetition; but an outcome that was lost with the broker is asked for again."""
    activity = await _due_like(world)
    await world.dispatch_all()
    await _journal(world, activity)
    world.publisher.sent.clear()
    for _ in range(4):
        world.clock.advance(6)
        assert await world.sweeper.leases() == 0
    world.clock.advance(10)
    assert await world.sweeper.leases() == 1
    assert world.commands()[0].execution == 1


async def test_a_published_post_whose_event_was_lost_is_planned(world: World) -> None:
    """INVARIANT: losing the whole broker loses nothing; Postgres is the truth."""
    world.clock.move_to(await _database_now(world))
    post = await make_post(world.owner, world.tenant, published_at=world.clock.now())
    assert await world.sweeper.unplanned() == 0, "its event may still be on the way"
    world.clock.advance(25)
    assert await world.sweeper.unplanned() == 1
    assert await world.sweeper.unplanned() == 0
    assert {row["post_id"] for row in await world.activities()} == {post}


async def test_a_post_nobody_can_amplify_is_asked_about_once(world: World) -> None:
    """The refusal is a decision, not an endless retry."""
    await world.owner.execute("update gateway.pod_members set active = false")
    world.clock.move_to(await _database_now(world) + timedelta(seconds=30))
    await make_post(world.owner, world.tenant, published_at=world.clock.now())
    world.clock.advance(25)
    assert await world.sweeper.unplanned() == 1
    assert await world.sweeper.unplanned() == 0
    assert await world.decisions() == ["no_pod_members"]


async def _database_now(world: World) -> datetime:
    (row,) = await world.rows("select now() as now")
    now: datetime = row["now"]
    return now


def _queued(world: World, account: UUID) -> PostQueued:
    return PostQueued(
        platform=Platform.LINKEDIN,
        client_id=world.tenant.client_id,
        post_id=new_id(),
        pod_id=world.tenant.pod_id,
        account_id=account,
        text="Hello network",
        scheduled_for=NOW + timedelta(minutes=1),
        correlation_id="c",
    )


async def test_a_queued_post_is_published_once_at_its_time(world: World) -> None:
    """Q2: one publish activity, at the time it was queued for, whatever is repeated."""
    event = _queued(world, world.tenant.accounts[0])
    for _ in range(3):
        await world.publishing.queue(event)
    (row,) = await world.activities()
    assert (row["kind"], row["due_at"], row["max_attempts"]) == (
        "publish",
        NOW + timedelta(minutes=1),
        4,
    )
    world.clock.move_to(row["due_at"])
    (command,) = await world.dispatch_all()
    assert command.text == "Hello network"


async def test_posts_of_one_account_keep_their_distance(world: World) -> None:
    """Q3: the posting limits hold when planned, so that what is shown is what will happen."""
    for _ in range(5):
        await world.publishing.queue(_queued(world, world.tenant.accounts[0]))
    times = [row["due_at"] for row in await world.activities()]
    assert times[3] - times[0] >= timedelta(hours=1)
    assert all(b - a >= timedelta(seconds=60) for a, b in pairwise(times))


async def test_a_post_that_cannot_go_out_is_told_to_the_gateway(world: World) -> None:
    """Nothing fails silently: no consent and used-up attempts both say so."""
    await world.owner.execute(
        "update gateway.accounts set consented_kinds = '{}' where id = %s",
        (world.tenant.accounts[1],),
    )
    await world.publishing.queue(_queued(world, world.tenant.accounts[1]))
    assert await world.activities() == []
    await world.publishing.queue(_queued(world, world.tenant.accounts[0]))
    world.clock.advance(61)
    (command,) = await world.dispatch_all()
    await world.settle(outcome(command, Outcome.FAILED, retryable=False))
    topics = await world.rows("select topic from scheduler.outbox order by id")
    assert [t["topic"] for t in topics].count("post.publish_failed") == 2


async def _ended_unheard(world: World, ended: Outcome) -> UUID:
    """A post of which the gateway knows only that it was queued; the id of its activity."""
    event = _queued(world, world.tenant.accounts[0])
    await world.owner.execute(
        "insert into gateway.posts (id, client_id, pod_id, author_account_id, text, state,"
        " scheduled_for, correlation_id) values (%s, %s, %s, %s, %s, 'queued', %s, 'c')",
        (
            event.post_id,
            event.client_id,
            event.pod_id,
            event.account_id,
            event.text,
            event.scheduled_for,
        ),
    )
    await world.publishing.queue(event)
    world.clock.advance(61)
    (command,) = await world.dispatch_all()
    await world.settle(outcome(command, ended, retryable=False))
    world.publisher.sent.clear()
    assert await world.sweeper.untold() == 0, "the news may still be on the way"
    world.clock.advance(25)
    return command.activity_id


async def test_the_news_that_a_post_is_live_is_asked_for_again(world: World) -> None:
    """INVARIANT: a fact that was lost with the broker is said again by whoever owns it."""
    activity = await _ended_unheard(world, Outcome.EXECUTED)
    assert await world.sweeper.untold() == 1
    (command,) = world.commands()
    assert (command.activity_id, command.execution) == (activity, 1)
    await world.owner.execute(
        "update gateway.posts set state = 'published', url = 'https://x', published_at = now()"
    )
    assert await world.sweeper.untold() == 0


async def test_the_news_that_a_post_failed_is_said_again(world: World) -> None:
    """INVARIANT: a fact that was lost with the broker is said again by whoever owns it."""
    await _ended_unheard(world, Outcome.FAILED)
    assert await world.sweeper.untold() == 1
    assert [message.topic for message in world.publisher.sent] == ["post.publish_failed"]
