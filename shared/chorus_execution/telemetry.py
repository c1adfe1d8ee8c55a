"""What is counted of executions (E8), on the system's metrics."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from prometheus_client import Counter, Histogram

from chorus.events import ActivityDue, ActivityExecuted
from chorus.telemetry import metrics


def show_in_flight(lane: str, count: Callable[[], int]) -> None:
    """Let the gauge ask for the number: counting up and down would cost more than asking."""
    metrics.activities.in_flight.labels(lane).set_function(count)


def began(command: ActivityDue, called_at: datetime) -> None:
    """How late the call goes out."""
    lateness, _ = _timings(command.kind, command.lane)
    lateness.observe(max(0.0, (called_at - command.due_at).total_seconds()))


@contextmanager
def call(command: ActivityDue) -> Iterator[None]:
    """The call's duration, with what is made ready for it, however it ends."""
    _, seconds = _timings(command.kind, command.lane)
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds.observe(time.perf_counter() - started)


def ended(executed: ActivityExecuted) -> None:
    """To be counted once its record is committed."""
    failure = executed.failure
    _outcomes(executed.kind, executed.outcome, failure.error_type if failure else "").inc()
    if failure is not None and failure.challenge:
        metrics.activities.challenges.labels(executed.lane).inc()


def taken_over(lane: str, count: int) -> None:
    metrics.activities.takeovers.labels(lane).inc(count)


def contradicted(lane: str) -> None:
    metrics.activities.contradicted.labels(lane).inc()


@cache
def _timings(kind: str, lane: str) -> tuple[Histogram, Histogram]:
    return (
        metrics.activities.lateness.labels(kind, lane),
        metrics.activities.call_seconds.labels(kind, lane),
    )


@cache
def _outcomes(kind: str, outcome: str, error_type: str) -> Counter:
    return metrics.activities.outcomes.labels(kind, outcome, error_type)
