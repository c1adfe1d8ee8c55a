"""What an account may still do: the rules of hand-over, read without taking anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from chorus.vocabulary import Kind
from chorus_scheduler.domain.gates import Gate
from chorus_scheduler.domain.instants import DAY, Micros
from chorus_scheduler.domain.limits import WARM_UP, RateLimit, Rule
from chorus_scheduler.domain.sliding_windows import Limit, first_free, used_in_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One limit, what of it is used now, and when one more fits."""

    limit: Limit
    used: int
    left: int
    next_free: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class KindAllowed:
    """All limits of one kind of an account."""

    row: RateLimit
    limits: tuple[Allowed, ...]
    next_free: Micros

    @property
    def kind(self) -> Kind:
        """Whose limits they are."""
        return self.row.kind


def allowed(
    row: RateLimit, rule: Rule, gate: Gate, closed_until: Micros, now: Micros
) -> KindAllowed:
    """What is in flight counts as a use now, as it does at hand-over."""
    taken = sorted((*(min(use, now) for use in gate.uses), *[now] * len(gate.in_flight)))
    each = tuple(_allowed(limit, taken, now) for limit in rule.limits)
    free = _fits_all(rule.limits, taken, max(now, closed_until))
    return KindAllowed(row=row, limits=each, next_free=free)


def _allowed(limit: Limit, taken: Sequence[Micros], now: Micros) -> Allowed:
    used = used_in_window(now, taken, limit)
    return Allowed(
        limit=limit,
        used=used,
        left=max(0, limit.count - used),
        next_free=first_free(now, taken, limit),
    )


def _fits_all(limits: Sequence[Limit], taken: Sequence[Micros], at: Micros) -> Micros:
    """The first instant that every limit allows: each may move it, until none does."""
    while True:
        moved = at
        for limit in limits:
            moved = first_free(moved, taken, limit)
        if moved == at:
            return at
        at = moved


def warm_up_ends(since: Micros, now: Micros) -> Micros | None:
    """When who warms up `since` then may use all of its limits; None: they may already."""
    ends = since + WARM_UP[-1][0] * DAY
    return ends if ends > now else None
