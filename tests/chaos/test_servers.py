"""The servers below everything go away, and come back with what they had, or with nothing."""

import asyncio
import time

from chorus.kafka import topics
from chorus.kafka.authorising import authorise
from chorus.vocabulary import Kind
from chorus_lab.stack import Stack
from tests.chaos.disturbing import Disturber
from tests.chaos.harness import PROCESSES
from tests.chaos.plan import Disturbance, What
from tests.chaos.reporting import summary
from tests.chaos.storm import Run
from tests.chaos.workload import Size

WORK = Size(members=5, registered=5, published=3, window=10.0, posts_over=8.0)


def test_the_broker_is_killed_with_activities_in_flight(run: Run) -> None:
    """INVARIANT: E5, P4 — what was on its way arrives; who starts meanwhile waits for it."""
    run.plan_work(WORK)

    report = run.endure(_kill_broker_and_services)

    assert report.last.clean, summary(report)
    assert report.own_ends == []


def test_schedulers_die_between_commit_and_send(run: Run) -> None:
    """INVARIANT: what was handed over and never sent is sent again, as the same execution."""
    run.plan_work(Size(members=5, registered=5, published=0, window=6.0, posts_over=2.0))

    report = run.endure(_die_at_handover)

    assert report.last.clean, summary(report)


def test_postgres_crashes_and_restarts(run: Run) -> None:
    """INVARIANT: P4 — what was committed stands; what was not is done again or verified."""
    run.plan_work(WORK)

    report = run.endure(_crash_and_restart)

    assert report.last.clean, summary(report)


def test_the_broker_loses_everything(run: Run) -> None:
    """INVARIANT: losing the whole broker loses nothing, as Postgres holds the truth.

    Its disk is lost while posts are queued, plans made and outcomes on their way.
    """
    run.plan_work(WORK)

    report = run.endure(_lose_broker)

    assert report.last.clean, summary(report)


def test_the_broker_is_lost_before_the_gateway_has_heard(run: Run) -> None:
    """INVARIANT: a post that is live becomes known, though the news of it was lost on the way."""
    run.plan_work(Size(members=4, registered=0, published=3, window=6.0, posts_over=0.0))

    report = run.endure(lambda disturber: _lose_the_news(disturber, run))

    assert report.last.clean, summary(report)


def test_everything_that_was_ever_said_is_said_again(run: Run) -> None:
    """INVARIANT: consumers that see every message twice, in another order, do nothing twice."""
    run.plan_work(Size(members=5, registered=3, published=2, window=6.0, kinds=(Kind.LIKE,)))

    report = run.endure(lambda _: time.sleep(6.0), echo=True)

    assert report.copies > 0
    assert report.last.clean, summary(report)
    assert report.last.lateness
    assert report.put_back == 0


def _kill_broker_and_services(disturber: Disturber) -> None:
    time.sleep(3.0)
    stack, supervisor = disturber.stack, disturber.supervisor
    stack.kafka.kill()
    with supervisor.holding(*PROCESSES):
        for name in PROCESSES:
            supervisor.strike(name)
    time.sleep(8.0)
    stack.kafka.restart()


def _die_at_handover(disturber: Disturber) -> None:
    time.sleep(1.0)
    for _ in range(2):
        disturber.disturb(
            Disturbance(at=0.0, what=What.KILL_AT_HANDOVER, whom="schedulers", lasts=1.5)
        )
        time.sleep(1.0)


def _crash_and_restart(disturber: Disturber) -> None:
    for what in (What.CRASH_POSTGRES, What.RESTART_POSTGRES):
        time.sleep(3.0)
        disturber.disturb(Disturbance(at=0.0, what=what, whom="Postgres", lasts=1.0))


def _lose_broker(disturber: Disturber) -> None:
    time.sleep(4.0)
    _lose_everything(disturber.stack)


def _lose_the_news(disturber: Disturber, run: Run) -> None:
    """The scheduler has settled the publications, the gateway has read nothing of them."""
    stack = disturber.stack
    stack.pause("gateway")

    def settled() -> bool:
        rows = run.ledger.activities(run.workload.clients)
        states = [row["state"] for row in rows if row["kind"] == Kind.PUBLISH]
        unsent = run.ledger.ask("select id from engagement.outbox")
        return states == ["executed"] * 3 and not unsent

    try:
        stack.wait_until(settled, within_s=30, what="three posts are published")
        _lose_everything(stack)
    finally:
        stack.resume("gateway")


def _lose_everything(stack: Stack) -> None:
    stack.kafka.lose_everything()
    asyncio.run(topics.ensure(stack.broker()))
    authorise(stack.broker())
