"""An executor that stands still for longer than its lease, and then goes on (fencing)."""

import time

from chorus.vocabulary import Kind
from tests.chaos.disturbing import Disturber
from tests.chaos.reporting import summary
from tests.chaos.storm import Run
from tests.chaos.workload import Size


def test_what_waits_in_a_frozen_executor_is_done_by_the_other(run: Run) -> None:
    """INVARIANT: an executor that went on after its work was taken over does not act on it."""
    run.plan_work(Size(members=5, registered=4, published=2, window=9.0, posts_over=4.0))

    report = run.endure(_freeze_both_in_turn)

    assert report.last.clean, summary(report)
    assert report.last.takeovers > 0, summary(report)


def test_a_call_that_is_under_way_when_its_executor_freezes(run: Run) -> None:
    """INVARIANT: whoever takes over waits as long as the frozen one would have waited.

    The network holds the call before its effect for longer than a verification takes.
    """
    run.plan_work(Size(members=4, registered=1, published=0, window=6.0, kinds=(Kind.COMMENT,)))

    report = run.endure(_freeze_at_a_hold_point)

    assert report.last.clean, summary(report)


def test_a_call_that_is_under_way_when_partitions_move(run: Run) -> None:
    """INVARIANT: what a rebalance breaks off in the middle of a call is verified, not forgotten."""
    run.plan_work(Size(members=4, registered=1, published=0, window=6.0, kinds=(Kind.LIKE,)))
    began = time.monotonic()

    report = run.endure(_rebalance_at_a_hold_point)

    assert report.last.clean, summary(report)
    assert time.monotonic() - began < 60, summary(report)


def _freeze_both_in_turn(disturber: Disturber) -> None:
    caught = [disturber.freeze_with_work(n, for_s=5.0) for n in ("executor", "executor-2")]
    assert any(caught), "no executor had anything in hand"


def _freeze_at_a_hold_point(disturber: Disturber) -> None:
    with disturber.hold_point(Kind.COMMENT, "before") as names:
        for name in names:
            disturber.stack.pause(name)
        time.sleep(6.0)
    time.sleep(1.0)
    for name in names:
        disturber.stack.resume(name)


def _rebalance_at_a_hold_point(disturber: Disturber) -> None:
    with disturber.hold_point(Kind.LIKE, "after") as names:
        others = {"executor", "executor-2"} - set(names)
        for name in sorted(others)[:1]:
            disturber.supervisor.terminate(name, for_s=0.0)
        time.sleep(4.0)
