"""When a browser has served enough, and when its successor may start; pure.

Chromium's memory grows with its age even when every page was closed, so that a browser is replaced
after some uses, some time, or above some memory, whichever comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Retirement(StrEnum):
    """Why a browser takes no more jobs."""

    USES = "uses"
    AGE = "age"
    MEMORY = "memory"
    HUNG = "hung"
    """It did not open or close a context in time. Told by the pool, not by the bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    uses: int
    age_seconds: float
    pss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`pss_bytes`: proportional set size of the browser and its driver; 0: not measured yet."""

    uses: int
    started_at: float
    pss_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Start a browser; then, where one is named, retire that one (an index into `serving`)."""

    retire: int | None = None
    reason: Retirement | None = None


def retirement(condition: Condition, bounds: Bounds, now: float) -> Retirement | None:
    """Whether a browser is due, and why. `now` and `started_at` are seconds of the same clock."""
    if condition.uses >= bounds.uses:
        return Retirement.USES
    if condition.pss_bytes > bounds.pss_bytes:
        return Retirement.MEMORY
    if now - condition.started_at >= bounds.age_seconds:
        return Retirement.AGE
    return None


def next_move(
    serving: Sequence[Condition], *, leaving: int, wanted: int, bounds: Bounds, now: float
) -> Move | None:
    """What to do next so that `wanted` browsers serve; None: nothing, or not yet.

    A successor starts before the one that it replaces stops taking jobs. Together with those that
    finish their last jobs (`leaving`) there are never more than `wanted` + 1.
    """
    if len(serving) + leaving > wanted:
        return None
    if len(serving) < wanted:
        return Move()
    for index, condition in enumerate(serving):
        if reason := retirement(condition, bounds, now):
            return Move(retire=index, reason=reason)
    return None
