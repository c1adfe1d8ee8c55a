"""What follows a failure (E6, E7, P4, Q2) or an outcome that nobody could tell."""

from dataclasses import dataclass

from chorus.events import Failure
from chorus.vocabulary import ErrorType, Kind
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

VERIFY_AFTER: tuple[Micros, ...] = (2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE)
"""When to look again for an effect that the provider could not tell of; then a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again at `at`."""

    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No further attempt by itself; `code` says why."""

    code: str
    sentence: str


def max_attempts(kind: Kind) -> int:
    """Attempts in all, the first included."""
    return len(DELAYS[kind]) + 1


def after_failure(kind: Kind, attempt: int, failure: Failure, now: Micros) -> Retry | GiveUp:
    """The decision after attempt number `attempt` (from 1) failed without effect."""
    if failure.challenge:
        return GiveUp(
            code="challenge",
            sentence="The network asks for the account's person; nothing is tried again by itself.",
        )
    if not failure.retryable:
        sentence = f"The failure ({failure.error_type}) would repeat, so it is not tried again."
        return GiveUp(code=str(failure.error_type), sentence=sentence)
    delays = DELAYS[kind]
    if attempt > len(delays):
        sentence = f"All {attempt} attempts failed; the last one with {failure.error_type}."
        return GiveUp(code="attempts_used_up", sentence=sentence)
    return Retry(at=now + _delay(kind, delays[attempt - 1], failure))


def _delay(kind: Kind, backoff: Micros, failure: Failure) -> Micros:
    """A longer wait that the provider asks for wins over our own (E7)."""
    asked = int((failure.retry_after or 0) * SECOND)
    if failure.error_type is ErrorType.RATE_LIMIT:
        asked = max(asked, RATE_LIMITED_FOR.get(kind, 0))
    return max(backoff, min(asked, LONGEST_RETRY_AFTER))


def after_unknown(verifications: int, now: Micros) -> Micros | None:
    """When to look again after `verifications` looks could not tell; None: a person decides."""
    if verifications >= len(VERIFY_AFTER):
        return None
    return now + VERIFY_AFTER[verifications]
