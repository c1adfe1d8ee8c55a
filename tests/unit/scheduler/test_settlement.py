"""What each outcome makes of an activity, field by field."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chorus.events import ActivityExecuted, Failure, PostTarget
from chorus.vocabulary import ErrorType, Kind, Lane, Mode, Outcome, State, WithheldCode
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.instants import SECOND, to_datetime
from chorus_scheduler.domain.retries import VERIFY_AFTER
from chorus_scheduler.domain.settlement import (
    PostFact,
    Settlement,
    Standing,
    account_waits_until,
    settle_outcome,
    told_by_another,
)

NOW = 1_800_000_000 * SECOND
OUT = Standing(
    id=UUID(int=1),
    state=State.DISPATCHED,
    execution=3,
    attempt=1,
    verifications=0,
    kind=Kind.COMMENT,
    effect=Effect.NONE,
    stopped=False,
)
SOUGHT = replace(OUT, effect=Effect.POSSIBLE, verifications=2)
ABSENT = Failure(
    error_type=ErrorType.NETWORK_ERROR, code="effect_not_found", message="gone", retryable=True
)
MET = ABSENT.model_copy(update={"challenge": True})
REFUSED = Failure(error_type=ErrorType.API_ERROR, message="no", retryable=False)
SHAKY = Failure(error_type=ErrorType.NETWORK_ERROR, message="shaky", retryable=True)


def outcome(ended: Outcome, *, mode: Mode = Mode.PERFORM, **more: Any) -> ActivityExecuted:
    given: dict[str, Any] = {
        "client_id": UUID(int=9),
        "activity_id": OUT.id,
        "execution": OUT.execution,
        "attempt": 1,
        "mode": mode,
        "kind": Kind.COMMENT,
        "lane": Lane.API,
        "account_id": UUID(int=4),
        "target": PostTarget(post_id=UUID(int=2)),
        "outcome": ended,
        "called_at": datetime(2027, 1, 15, tzinfo=UTC),
        "finished_at": to_datetime(NOW),
        "correlation_id": "c",
    }
    return ActivityExecuted(**(given | more))


def settled(standing: Standing, event: ActivityExecuted) -> Settlement:
    found = settle_outcome(standing, event, NOW)
    assert found is not None
    return found


def of(settlement: Settlement) -> tuple[Any, ...]:
    """State, effect, attempt, verifications, seconds from now, and the words that are true."""
    words = ("needs_person", "failed", "stop", "quick", "placed")
    due = settlement.due_at
    return (
        settlement.state,
        settlement.effect,
        settlement.attempt,
        settlement.verifications,
        None if due is None else (due - NOW) / SECOND,
        {word for word in words if getattr(settlement, word)},
    )


def test_what_took_effect_is_executed_whatever_was_wished() -> None:
    """E5: and asks for nobody."""
    for standing in (OUT, SOUGHT, replace(OUT, stopped=True)):
        found = settled(standing, outcome(Outcome.EXECUTED))
        expected: tuple[Any, ...] = (
            State.EXECUTED,
            Effect.SEEN,
            1,
            standing.verifications,
            None,
            set(),
        )
        assert of(found) == expected


@pytest.mark.parametrize("looks", range(len(VERIFY_AFTER)))
def test_what_is_unknown_is_looked_for_later_and_later(looks: int) -> None:
    """E5: each look that could not tell is one more; nobody is asked yet."""
    found = settled(replace(OUT, verifications=looks), outcome(Outcome.UNKNOWN))
    after = VERIFY_AFTER[looks] / SECOND
    assert of(found) == (State.UNKNOWN, Effect.POSSIBLE, 1, looks + 1, after, set())
    assert found.decision.next_possible_at == NOW + VERIFY_AFTER[looks]


def test_after_the_last_look_a_person_is_asked_who_hears_how_many_there_were() -> None:
    """E7: and it is not handed over again by itself."""
    looks = len(VERIFY_AFTER)
    found = settled(replace(OUT, verifications=looks), outcome(Outcome.UNKNOWN))
    expected: tuple[Any, ...] = (State.UNKNOWN, Effect.POSSIBLE, 1, looks, None, {"needs_person"})
    assert of(found) == expected
    assert f" {looks} " in found.decision.sentence


@pytest.mark.parametrize(
    ("code", "after"),
    [(code, 600 if code == WithheldCode.ACCOUNT_NOT_CONNECTED else 60) for code in WithheldCode],
)
def test_a_look_that_was_withheld_is_made_later_and_is_none(code: str, after: int) -> None:
    """E5: that it may have happened stands."""
    event = outcome(Outcome.WITHHELD, mode=Mode.VERIFY, withheld_code=code)
    expected: tuple[Any, ...] = (State.UNKNOWN, Effect.POSSIBLE, 1, 2, after, set())
    assert of(settled(SOUGHT, event)) == expected


@pytest.mark.parametrize("failure", [SHAKY, REFUSED, MET])
def test_a_look_that_failed_is_no_absence(failure: Failure) -> None:
    """E5: a challenge met on the way shows nothing either."""
    event = outcome(Outcome.FAILED, mode=Mode.VERIFY, failure=failure)
    found = settled(SOUGHT, event)
    assert of(found) == (State.UNKNOWN, Effect.POSSIBLE, 1, 3, VERIFY_AFTER[2] / SECOND, set())


def test_an_absence_is_known_of_what_may_be_there_alone() -> None:
    """E5: looked for where nothing was said to be: no news."""
    event = outcome(Outcome.FAILED, mode=Mode.VERIFY, failure=ABSENT)
    assert settle_outcome(OUT, event, NOW) is None
    again = settled(SOUGHT, event)
    assert (again.state, again.effect, again.attempt) == (State.SCHEDULED, Effect.NONE, 2)
    assert again.verifications == 0
    ended = settled(replace(SOUGHT, stopped=True), event)
    assert of(ended) == (State.CANCELLED, Effect.NONE, 1, 0, None, set())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (WithheldCode.ALREADY_DONE, (State.SKIPPED, None, set())),
        (WithheldCode.CONSENT_REVOKED, (State.CANCELLED, None, {"stop"})),
        (WithheldCode.MEMBER_INACTIVE, (State.SCHEDULED, 1, {"quick"})),
        (WithheldCode.KIND_DISABLED, (State.SCHEDULED, 1, {"quick"})),
        (WithheldCode.PAUSED, (State.SCHEDULED, 1, {"quick"})),
        (WithheldCode.CANCELLED, (State.SCHEDULED, 1, {"quick"})),
        (WithheldCode.SUPERSEDED, (State.SCHEDULED, 1, {"quick"})),
        (WithheldCode.LATE, (State.SCHEDULED, 60, set())),
        (WithheldCode.ACCOUNT_NOT_CONNECTED, (State.SCHEDULED, 600, set())),
        ("of a later version", (State.SCHEDULED, 600, set())),
    ],
)
def test_what_was_not_called_ends_or_is_handed_over_again(code: str, expected: Any) -> None:
    """E2: it costs no attempt."""
    found = settled(OUT, outcome(Outcome.WITHHELD, withheld_code=code))
    state, after, words = expected
    assert of(found) == (state, Effect.NONE, 1, 0, after, words)
    assert found.decision.code == code


def test_a_failure_that_passes_is_tried_again_and_another_one_is_a_persons() -> None:
    """E7: with its number; the last one asks for a person."""
    again = settled(OUT, outcome(Outcome.FAILED, failure=SHAKY))
    assert (again.state, again.attempt, again.failed) == (State.SCHEDULED, 2, True)
    assert not again.needs_person
    ended = settled(OUT, outcome(Outcome.FAILED, failure=REFUSED))
    assert of(ended) == (State.FAILED, Effect.NONE, 1, 0, None, {"needs_person", "failed"})
    with pytest.raises(ValueError, match="failure"):
        settle_outcome(OUT, outcome(Outcome.FAILED), NOW)


def test_what_did_not_happen_in_an_older_execution_says_nothing() -> None:
    """E5: nor does anything that was heard before, or of what was seen already."""
    older = replace(OUT, unheard=frozenset({2}))
    for ended in (Outcome.WITHHELD, Outcome.FAILED):
        event = outcome(ended, execution=2, withheld_code="paused", failure=SHAKY)
        assert settle_outcome(older, event, NOW) is None
    assert settle_outcome(OUT, outcome(Outcome.EXECUTED, execution=2), NOW) is None
    seen = replace(OUT, effect=Effect.SEEN)
    assert settle_outcome(seen, outcome(Outcome.UNKNOWN), NOW) is None
    possible = outcome(Outcome.WITHHELD, withheld_code="paused")
    assert settle_outcome(SOUGHT, possible, NOW) is None


def test_numbers_begin_with_one() -> None:
    """E5: an execution that was never given is nobody's."""
    assert [OUT.gave(number) for number in (-1, 0, 1, 3, 4)] == [False, False, True, True, False]


def test_an_account_waits_where_the_network_asks_it_to() -> None:
    """Q3: after a 429 alone."""
    slow = Failure(error_type=ErrorType.RATE_LIMIT, message="slow", retryable=True, retry_after=90)
    until = account_waits_until(outcome(Outcome.FAILED, failure=slow), 1, NOW)
    assert until is not None
    assert until >= NOW + 90 * SECOND
    assert account_waits_until(outcome(Outcome.FAILED, failure=SHAKY), 1, NOW) is None


def test_who_hears_of_it_by_another_asks_for_nobody() -> None:
    """E7: one task stands for all."""
    failed = settled(OUT, outcome(Outcome.FAILED, failure=REFUSED))
    fact = PostFact(post_id=UUID(int=2), code="post_not_found", kinds=(Kind.LIKE,))
    told = told_by_another(failed, fact)
    assert (told.needs_person, told.failed, told.decision.code) == (False, True, fact.code)
