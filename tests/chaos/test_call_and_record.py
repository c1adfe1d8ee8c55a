"""Executors die between a call and its record, and between its record and the call (E5)."""

import pytest

from chorus.vocabulary import Kind
from tests.chaos.disturbing import Disturber
from tests.chaos.plan import Disturbance, Place, What
from tests.chaos.reporting import summary
from tests.chaos.storm import Run
from tests.chaos.workload import Size

KINDS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST, Kind.PUBLISH)
AFTER = 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_executor_that_dies_after_the_effect(run: Run, kind: Kind) -> None:
    """INVARIANT: the effect is found by looking; it is not called forth a second time."""
    run.plan_work(_work(kind))

    report = run.endure(lambda disturber: _die(disturber, kind, "after", times=AFTER))

    assert report.met.count(f"{kind} after") >= AFTER, summary(report)
    assert report.last.clean, summary(report)
    assert report.last.verified >= AFTER, summary(report)


@pytest.mark.parametrize("kind", KINDS)
def test_an_executor_that_dies_before_the_effect(run: Run, kind: Kind) -> None:
    """INVARIANT: the network goes on with the call of a dead process, and it happens once."""
    run.plan_work(_work(kind))

    report = run.endure(lambda disturber: _die(disturber, kind, "before", times=1))

    assert report.last.clean, summary(report)


def _work(kind: Kind) -> Size:
    if kind is Kind.PUBLISH:
        return Size(members=6, registered=0, published=6, posts_over=6.0, kinds=(Kind.LIKE,))
    return Size(members=6, registered=1, published=0, window=8.0, kinds=(kind,))


def _die(disturber: Disturber, kind: Kind, place: Place, *, times: int) -> None:
    for _ in range(times):
        disturber.disturb(
            Disturbance(at=0.0, what=What.KILL_AT_GATE, whom=kind, lasts=0.5, place=place)
        )
