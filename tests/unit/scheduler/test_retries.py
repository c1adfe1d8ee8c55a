"""What follows a failure: quick tries, considerate waits, and numbers of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.events import Failure
from chorus.vocabulary import ErrorType, Kind
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND
from chorus_scheduler.domain.retries import (
    DELAYS,
    GiveUp,
    Retry,
    after_failure,
    slow_down_for,
)

NOW = 1_800_000_000 * SECOND


def _failure(
    error: ErrorType = ErrorType.NETWORK_ERROR,
    *,
    code: str | None = None,
    retry_after: float | None = None,
) -> Failure:
    return Failure(
        error_type=error, message="m", code=code, retryable=True, retry_after=retry_after
    )


@given(
    retry_after=st.floats(allow_nan=True, allow_infinity=True),
    error=st.sampled_from(list(ErrorType)),
    kind=st.sampled_from(list(Kind)),
    attempt=st.integers(1, 6),
)
def test_a_wait_is_bounded_whatever_is_asked(
    retry_after: float, error: ErrorType, kind: Kind, attempt: int
) -> None:
    """Finding D2: a number of any size is no more than a day, and none is in the past."""
    failure = _failure(error, retry_after=retry_after)
    verdict = after_failure(kind, attempt, failure, NOW)
    if isinstance(verdict, Retry):
        assert NOW + DELAYS[kind][attempt - 1] <= verdict.at <= NOW + DAY
    else:
        assert attempt > len(DELAYS[kind])
    assert 0 < slow_down_for(kind, attempt, failure) <= DAY


@pytest.mark.parametrize("seconds", [86_401.0, 1e6, 1e305, float("inf")])
def test_a_day_is_the_longest_wait(seconds: float) -> None:
    """Finding F: the cap on what a provider asks for."""
    verdict = after_failure(Kind.LIKE, 1, _failure(retry_after=seconds), NOW)
    assert verdict == Retry(at=NOW + DAY, quick=False)


def test_a_longer_wait_that_is_asked_for_wins() -> None:
    """E7: a retry_after wins over a shorter back-off, and not over a longer one."""
    assert after_failure(Kind.LIKE, 1, _failure(retry_after=90.5), NOW) == Retry(
        at=NOW + 90 * SECOND + SECOND // 2, quick=False
    )
    assert after_failure(Kind.PUBLISH, 1, _failure(retry_after=5), NOW) == Retry(
        at=NOW + 10 * MINUTE, quick=False
    )
    assert after_failure(Kind.LIKE, 2, _failure(), NOW) == Retry(
        at=NOW + 3 * SECOND // 2, quick=True
    )


@pytest.mark.parametrize("said", [None, 0.0, -3.0, float("nan")])
def test_who_is_asked_to_slow_down_without_a_time_is_considerate(said: float | None) -> None:
    """Finding D9: minutes, then hours; not half a second."""
    failure = _failure(ErrorType.RATE_LIMIT, retry_after=said)
    assert [slow_down_for(Kind.LIKE, n, failure) for n in (1, 2, 3, 4)] == [
        15 * MINUTE,
        HOUR,
        4 * HOUR,
        4 * HOUR,
    ]
    assert after_failure(Kind.COMMENT, 1, failure, NOW) == Retry(at=NOW + 15 * MINUTE, quick=False)


@pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.REPOST, Kind.PUBLISH])
def test_a_lost_answer_is_not_repeated_before_it_can_have_landed(kind: Kind) -> None:
    """Finding A8: what stands beside its double waits for as long as the first may take."""
    called = NOW - 5 * SECOND
    failure = _failure(code="effect_not_found")
    verdict = after_failure(kind, 1, failure, NOW, called_at=called)
    assert isinstance(verdict, Retry)
    assert verdict.at >= called + MINUTE
    assert not verdict.quick
    late = after_failure(kind, 1, failure, NOW, called_at=NOW - HOUR)
    assert isinstance(late, Retry)
    assert late.at == NOW + DELAYS[kind][0]


def test_a_challenge_and_what_would_repeat_are_given_up() -> None:
    """E6: nothing is tried again that needs a person or would fail again."""
    challenge = Failure(
        error_type=ErrorType.AUTH_ERROR, message="m", retryable=True, challenge=True
    )
    assert isinstance(after_failure(Kind.LIKE, 1, challenge, NOW), GiveUp)
    gone = Failure(error_type=ErrorType.POST_NOT_FOUND, message="m", retryable=False)
    assert isinstance(after_failure(Kind.LIKE, 1, gone, NOW), GiveUp)
    assert isinstance(after_failure(Kind.LIKE, 3, _failure(), NOW), GiveUp)
