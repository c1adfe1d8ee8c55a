"""The check at hand-over, made under the lock of the gate's row: may one more start now?

A use is an effect, at the instant at which its call really went out. What is handed over and not
yet settled counts as if it happened now, so a late call can never slip out of a window and let
another in. A clock that runs ahead stamps uses that lie after now: they count as if they were now,
until their time has come.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from chorus.vocabulary import Lane
from chorus_scheduler.domain.decisions import LimitUse
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.sliding_windows import Limit, first_free


class Lease(NamedTuple):
    """A place in a gate.

    It is held by one execution, not by its activity: what is heard of an older execution frees
    nothing of the present one.
    """

    activity_id: UUID
    execution: int
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a scope has used (sorted instants) and what is in flight in it."""

    scope: str
    uses: tuple[Micros, ...] = ()
    in_flight: frozenset[Lease] = frozenset()
    closed_until: Micros | None = None
    """Nothing more goes through until then: the network asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Not now; `next_possible_at` is when to ask again."""

    scope: str
    limit: LimitUse
    next_possible_at: Micros


def account_scope(account_id: UUID) -> str:
    """The gate of whatever an account does, in any lane."""
    return f"account:{account_id}"


def kept_after(scope: str, now: Micros) -> Micros:
    """Uses up to this instant are in no window any more that a limit of this scope has.

    A day for what is limited by the day: an account's kinds, and posts. A lane counts a minute.
    """
    of_a_day = scope.count(":") > 1
    return now - (DAY + HOUR if of_a_day else 2 * MINUTE)


def check(gate: Gate, rule: Rule, at: Micros) -> Denied | None:
    """None when one more use at `at` keeps every limit of the rule; otherwise the limit that
    forbids it.
    """
    flying = len(gate.in_flight)
    if rule.at_once is not None and flying >= rule.at_once:
        busy = LimitUse(name="at_once", value=rule.at_once, used=flying)
        return Denied(scope=rule.scope, limit=busy, next_possible_at=at + SECOND)
    ahead = at if not gate.uses else max(at, gate.uses[-1])
    taken: Sequence[Micros] = gate.uses
    if flying or ahead > at:
        # A call may go out later than it is handed over, and so come closer to what lies ahead.
        taken = sorted((*(min(use, at) for use in gate.uses), *[at] * flying))
    for limit in rule.limits:
        if first_free(at, taken, limit) != at:
            slot = first_free(ahead, gate.uses, limit)
            slot = slot if slot > at else at + SECOND  # what is in flight must end first
            used = max(limit.count, _used_around(at, taken, limit))
            use = LimitUse(name=limit.name, value=limit.count, used=used)
            return Denied(scope=rule.scope, limit=use, next_possible_at=slot)
    return None


def _used_around(at: Micros, taken: Sequence[Micros], limit: Limit) -> int:
    """How many share a window with `at`, before it or after it, whichever are more."""
    here = bisect_right(taken, at)
    before = here - bisect_right(taken, at - limit.window)
    after = bisect_left(taken, at + limit.window) - bisect_left(taken, at)
    return max(before, after)


def enter(gate: Gate, lease: Lease) -> Gate:
    """The gate with one more in flight."""
    return replace(gate, in_flight=gate.in_flight | {lease})


def leave(gate: Gate, lease: Lease, called_at: Micros | None, keep_after: Micros) -> Gate:
    """The gate after an execution ended.

    A call that went out is a use; uses up to `keep_after` are forgotten.

    Leaving twice changes nothing: a repeated outcome must not count as another use.
    """
    if lease not in gate.in_flight:
        return gate
    uses: Sequence[Micros] = gate.uses
    if called_at is not None:
        uses = sorted((*uses, called_at))
    kept = tuple(use for use in uses if use > keep_after)
    return replace(gate, uses=kept, in_flight=gate.in_flight - {lease})


def use(gate: Gate, at: Micros, keep_after: Micros) -> Gate:
    """The gate with one more use that nobody handed over: an account's person did it by hand."""
    uses = sorted((*(use for use in gate.uses if use > keep_after), at))
    return replace(gate, uses=tuple(uses))


def close(gate: Gate, until: Micros) -> Gate:
    """The gate closed until then, or for longer where it is already."""
    return replace(gate, closed_until=max(until, gate.closed_until or until))


def used_at(called_at: Micros, *, handed_over_at: Micros | None, now: Micros) -> Micros:
    """The instant of a use, where the executor's clock says one that cannot be.

    No call precedes its hand-over; and one said to be far ahead would shut the gate for as long.
    """
    earliest = called_at if handed_over_at is None else max(called_at, handed_over_at)
    return min(earliest, now + HOUR)
