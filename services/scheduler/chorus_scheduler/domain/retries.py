"""What follows a failure (E6, E7, P4, Q2) or an outcome that nobody could tell."""

import math
from dataclasses import dataclass

from chorus.events import Failure
from chorus.vocabulary import ErrorType, Kind
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.instants import HOUR, MINUTE, SECOND, Micros

_QUICK = (SECOND // 2, 3 * SECOND // 2)
_READS = (10 * MINUTE, 10 * MINUTE)

DELAYS: dict[Kind, tuple[Micros, ...]] = {
    Kind.LIKE: _QUICK,
    Kind.COMMENT: _QUICK,
    Kind.REPOST: (60 * SECOND, 120 * SECOND),
    Kind.PUBLISH: (10 * MINUTE, 20 * MINUTE, 40 * MINUTE),
    Kind.SEND_DM: _READS,
    Kind.SCAN_COMMENTS: _READS,
    Kind.READ_REPLIES: _READS,
    Kind.DETECT_POSTS: _READS,
}
"""Waiting time before attempt 2, 3, …; one attempt more than there are delays."""

RATE_LIMITED_FOR: dict[Kind, Micros] = {
    Kind.SEND_DM: HOUR,
    Kind.SCAN_COMMENTS: HOUR,
    Kind.READ_REPLIES: HOUR,
    Kind.DETECT_POSTS: HOUR,
}
"""W8: what a 429 costs these kinds at least."""

LONGEST_RETRY_AFTER: Micros = 24 * HOUR

UNSAID: tuple[Micros, ...] = (15 * MINUTE, HOUR, 4 * HOUR)
"""How long an account leaves a network alone that asks to slow down and does not say for how long:
after the first time, the second, ….
"""

EFFECT_NOT_FOUND = "effect_not_found"
"""The executors' word for: the answer was lost, and no look found an effect."""

LANDS_WITHIN: Micros = MINUTE
"""A call whose answer was lost may take effect for so long. A second comment stands beside the
first, so it waits; a second like changes nothing.
"""

VERIFY_AFTER: tuple[Micros, ...] = (2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE)
"""When to look again for an effect that the provider could not tell of; then a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again at `at`."""

    at: Micros
    quick: bool
    """Within moments, as E7 asks; anything later is placed among what else is planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No further attempt by itself; `code` says why."""

    code: str
    sentence: str


def max_attempts(kind: Kind) -> int:
    """Attempts in all, the first included."""
    return len(DELAYS[kind]) + 1


def after_failure(
    kind: Kind, attempt: int, failure: Failure, now: Micros, *, called_at: Micros | None = None
) -> Retry | GiveUp:
    """The decision after attempt number `attempt` (from 1) failed without effect."""
    if failure.challenge:
        return GiveUp(code=reasons.CHALLENGE.code, sentence=reasons.CHALLENGE.sentence)
    if not failure.retryable:
        sentence = f"The failure ({failure.error_type}) would repeat, so it is not tried again."
        return GiveUp(code=str(failure.error_type), sentence=sentence)
    delays = DELAYS[kind]
    if attempt > len(delays):
        why = reasons.ATTEMPTS_USED_UP(attempts=attempt, error=failure.error_type)
        return GiveUp(code=why.code, sentence=why.sentence)
    backoff = delays[attempt - 1]
    at = now + max(backoff, _asked_for(kind, attempt, failure))
    if failure.code == EFFECT_NOT_FOUND and kind is not Kind.LIKE:
        at = max(at, (now if called_at is None else min(called_at, now)) + LANDS_WITHIN)
    return Retry(at=at, quick=at == now + backoff and backoff in _QUICK)


def _asked_for(kind: Kind, attempt: int, failure: Failure) -> Micros:
    """A longer wait that the provider asks for wins over our own (E7)."""
    if failure.error_type is ErrorType.RATE_LIMIT:
        return slow_down_for(kind, attempt, failure)
    return _said(failure)


def slow_down_for(kind: Kind | None, attempt: int, failure: Failure) -> Micros:
    """How long a network that asks to slow down is left alone."""
    said = _said(failure) or UNSAID[min(max(attempt, 1), len(UNSAID)) - 1]
    return max(said, RATE_LIMITED_FOR.get(kind, 0) if kind else 0)


def _said(failure: Failure) -> Micros:
    """The wait that the provider named, 0 where it named none. What it says may be any number."""
    seconds = failure.retry_after
    if seconds is None or math.isnan(seconds) or seconds <= 0:
        return 0
    return int(min(seconds, LONGEST_RETRY_AFTER / SECOND) * SECOND)


def after_unknown(verifications: int, now: Micros) -> Micros | None:
    """When to look again after `verifications` looks could not tell; None: a person decides."""
    if verifications >= len(VERIFY_AFTER):
        return None
    return now + VERIFY_AFTER[verifications]
