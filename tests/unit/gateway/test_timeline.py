"""An activity's story."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_gateway.domain.timeline import Attempt, Decision, tell

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def _decision(at: datetime, **changes: Any) -> Decision:
    values: dict[str, Any] = {
        "id": 1,
        "code": "planned",
        "sentence": "Planned within the window.",
        "limit_name": None,
        "limit_value": None,
        "limit_used": None,
        "next_possible_at": None,
        "actor": "scheduler",
        "at": at,
    }
    return Decision(**values | changes)


def _attempt(at: datetime, outcome: str | None, **changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "execution": 1,
        "mode": "perform",
        "takeovers": 0,
        "opened_at": at,
        "called_at": at + timedelta(seconds=1),
        "closed_at": at + timedelta(seconds=2) if outcome else None,
        "outcome": outcome,
        "verified": False,
        "result": None,
        "failure": None,
    }
    return Attempt(**values | changes)


@given(
    st.lists(st.integers(0, 100)),
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["executed", "failed", None]))),
)
def test_the_story_is_in_the_order_of_time(
    decisions: list[int], attempts: list[tuple[int, str | None]]
) -> None:
    """Every decision and every step of every attempt is in it, each with a sentence."""
    told = tell(
        [_decision(NOW + timedelta(seconds=at)) for at in decisions],
        [_attempt(NOW + timedelta(seconds=at), outcome) for at, outcome in attempts],
    )
    steps = sum(3 if outcome else 2 for _, outcome in attempts)
    assert len(told) == len(decisions) + steps
    assert [entry.at for entry in told] == sorted(entry.at for entry in told)
    assert all(entry.sentence.endswith(".") for entry in told)


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (_attempt(NOW, "executed"), "Done."),
        (_attempt(NOW, "executed", verified=True), "The effect was found by looking for it."),
        (_attempt(NOW, "failed", failure={"message": "no answer."}), "It failed: no answer."),
        (_attempt(NOW, "failed"), "It failed."),
        (_attempt(NOW, "unknown"), "it is not repeated blindly"),
        (_attempt(NOW, "withheld"), "No call was made"),
    ],
)
def test_each_ending_has_its_sentence(attempt: Attempt, sentence: str) -> None:
    """E4: what happened, in plain words."""
    assert sentence in tell([], [attempt])[-1].sentence


def test_a_limit_is_told_with_its_use() -> None:
    """Q3: the limit, and what was used of it."""
    decision = _decision(NOW, limit_name="per_hour", limit_value=3, limit_used=3)
    (entry,) = tell([decision], [])
    assert entry.limit == {"name": "per_hour", "value": 3, "used": 3}


def test_a_screenshot_is_named_by_the_end_of_its_execution() -> None:
    """P6: where a failure can be seen."""
    attempts = [
        _attempt(NOW, "failed"),
        _attempt(NOW + timedelta(minutes=1), "failed", execution=2),
    ]
    told = tell([_decision(NOW)], attempts, {2: "/api/shot"})
    assert [entry.code for entry in told if entry.evidence_url] == ["attempt_failed"]
    assert told[-1].evidence_url == "/api/shot"
