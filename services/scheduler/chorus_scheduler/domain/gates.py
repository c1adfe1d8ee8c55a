"""The check at hand-over, made under the lock of the gate's row: may one more start now?

A use is an effect, at the instant at which its call really went out. What is handed over and not
yet settled counts as if it happened now, so a late call can never slip out of a window and let
another in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus_scheduler.domain.decisions import LimitUse
from chorus_scheduler.domain.instants import SECOND, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.slots import first_free, used_in_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a scope has used (sorted instants) and what is in flight in it."""

    scope: str
    uses: tuple[Micros, ...] = ()
    in_flight: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Not now; `next_possible_at` is when to ask again."""

    scope: str
    limit: LimitUse
    next_possible_at: Micros


def check(gate: Gate, rule: Rule, at: Micros) -> Denied | None:
    """None when one more use at `at` keeps every limit of the rule; otherwise the limit that
    forbids it.
    """
    flying = len(gate.in_flight)
    if rule.at_once is not None and flying >= rule.at_once:
        busy = LimitUse(name="at_once", value=rule.at_once, used=flying)
        return Denied(scope=rule.scope, limit=busy, next_possible_at=at + SECOND)
    for limit in rule.limits:
        used = used_in_window(at, gate.uses, limit) + flying
        if used >= limit.count:
            slot = first_free(at, gate.uses, limit)
            slot = slot if slot > at else at + SECOND  # what is in flight must end first
            use = LimitUse(name=limit.name, value=limit.count, used=used)
            return Denied(scope=rule.scope, limit=use, next_possible_at=slot)
    return None


def enter(gate: Gate, activity_id: UUID) -> Gate:
    """The gate with one more in flight."""
    return Gate(scope=gate.scope, uses=gate.uses, in_flight=gate.in_flight | {activity_id})


def leave(gate: Gate, activity_id: UUID, called_at: Micros | None, keep_after: Micros) -> Gate:
    """The gate after an execution ended.

    A call that went out is a use; uses up to `keep_after` are forgotten.

    Leaving twice changes nothing: a repeated outcome must not count as another use.
    """
    if activity_id not in gate.in_flight:
        return gate
    uses: Sequence[Micros] = gate.uses
    if called_at is not None:
        uses = sorted((*uses, called_at))
    kept = tuple(use for use in uses if use > keep_after)
    return Gate(scope=gate.scope, uses=kept, in_flight=gate.in_flight - {activity_id})
