"""A judge that never complains is worth nothing: each complaint is provoked here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chorus.vocabulary import Kind
from chorus_lab.client import Effect
from tests.chaos.judge import Evidence, judge, most_within
from tests.chaos.workload import LIKES_AN_HOUR_CAPPED, PER_POST, Intent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POST = UUID(int=1)
SOCIAL = "urn:li:activity:1"


def _intent(number: int = 0, *, kind: Kind = Kind.LIKE, **values: Any) -> Intent:
    return Intent(
        post_id=POST,
        account_id=UUID(int=100 + number),
        provider_id=f"account-{number}",
        kind=kind,
        **values,
    )


def _effect(intent: Intent, *, at: datetime = NOW) -> Effect:
    return Effect(
        seq=1,
        at=at,
        kind=intent.kind,
        account_id=intent.provider_id,
        target=SOCIAL,
        post_id=SOCIAL,
        text=intent.text,
    )


def _activity(intent: Intent, **values: Any) -> dict[str, Any]:
    return {
        "id": intent.activity_id,
        "state": "executed",
        "reason_code": "executed",
        "reason": "The network confirmed it.",
        "needs_person": False,
        "due_at": NOW,
        "scheduled_for": NOW,
        "execution": 1,
        "last_error": None,
        "verified": False,
        **values,
    }


def _attempt(intent: Intent, **values: Any) -> dict[str, Any]:
    return {
        "activity_id": intent.activity_id,
        "execution": 1,
        "outcome": "executed",
        "takeovers": 0,
        "called_at": NOW + timedelta(seconds=1),
        **values,
    }


def _decision(intent: Intent, code: str = "planned") -> dict[str, Any]:
    return {"activity_id": intent.activity_id, "code": code}


LIKE = _intent()
GOOD = Evidence(
    intents=[LIKE],
    effects=[_effect(LIKE)],
    socials={POST: SOCIAL},
    activities=[_activity(LIKE)],
    attempts=[_attempt(LIKE)],
    decisions=[_decision(LIKE)],
    posts=[],
    now=NOW,
)


def _complaints(evidence: Evidence, *, final: bool = True) -> set[str]:
    verdict = judge(evidence, final=final)
    return {what for what, told in verdict.complaints.items() if told}


def test_what_happened_once_and_is_recorded_is_good() -> None:
    """And it is counted."""
    verdict = judge(GOOD, final=True)
    assert verdict.clean
    assert (verdict.happened, verdict.lateness) == (1, [1.0])


Change = Callable[[Evidence], Evidence]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda good: replace(good, effects=[]), "missing"),
        (lambda good: replace(good, effects=[*good.effects, *good.effects]), "doubled"),
        (lambda good: replace(good, effects=[*good.effects, _effect(_intent(9))]), "uninvited"),
        (lambda good: replace(good, activities=[]), "unplanned"),
        (lambda good: replace(good, activities=[_activity(LIKE, state="dispatched")]), "open"),
        (lambda good: replace(good, activities=[_activity(LIKE, state="scheduled")]), "open"),
        (lambda good: replace(good, decisions=[]), "unexplained"),
        (lambda good: replace(good, attempts=[]), "unexplained"),
        (lambda good: replace(good, attempts=[_attempt(LIKE, outcome=None)]), "unexplained"),
        (lambda good: replace(good, attempts=[_attempt(LIKE, execution=2)]), "unexplained"),
        (lambda good: replace(good, attempts=[_attempt(LIKE, outcome="failed")]), "unexplained"),
    ],
)
def test_each_wrong_is_seen(change: Change, complaint: str) -> None:
    """INVARIANT: the judge goes by the network's truth and by whole stories."""
    assert complaint in _complaints(change(GOOD))


def test_a_failure_is_a_persons_until_the_end() -> None:
    """E7: explained it may rest; in the end it must have happened."""
    error = {"error_type": "network_error"}
    failed = _activity(LIKE, state="failed", reason_code="attempts_used_up", last_error=error)
    evidence = replace(
        GOOD,
        effects=[],
        activities=[failed],
        attempts=[_attempt(LIKE, outcome="failed")],
        decisions=[_decision(LIKE, "attempts_used_up")],
    )
    assert _complaints(evidence, final=False) == set()
    assert judge(evidence, final=False).at_rest == [LIKE.activity_id]
    assert _complaints(evidence, final=True) == {"missing"}
    unsaid = replace(evidence, decisions=[_decision(LIKE)])
    assert _complaints(unsaid, final=False) == {"unexplained"}


def test_only_what_is_capped_may_wait_for_an_hour() -> None:
    """And only because of a limit that is named."""
    waiting: dict[str, Any] = {
        "state": "scheduled",
        "due_at": NOW + timedelta(hours=1),
        "reason_code": "moved_by_limit",
        "execution": 0,
    }
    capped = _intent(capped=True)
    evidence = replace(
        GOOD, effects=[], attempts=[], intents=[capped], activities=[_activity(capped, **waiting)]
    )
    assert _complaints(evidence) == set()
    assert _complaints(replace(evidence, intents=[LIKE])) == {"open"}
    assert _complaints(replace(evidence, effects=[_effect(capped)])) == {"unexplained"}


def test_limits_are_judged_by_effects() -> None:
    """Q3, A1: of an account within the hour, and of a post within its window."""
    crowd = [_intent(number) for number in range(PER_POST.count + 1)]
    effects = [_effect(each, at=NOW + timedelta(seconds=n)) for n, each in enumerate(crowd)]
    assert "over limit" in _complaints(replace(GOOD, effects=effects))
    assert "over limit" not in _complaints(replace(GOOD, effects=effects[1:]))
    capped = _intent(capped=True)
    often = [
        _effect(capped, at=NOW + timedelta(minutes=10 * n)) for n in range(LIKES_AN_HOUR_CAPPED + 1)
    ]
    assert "over limit" in _complaints(replace(GOOD, intents=[capped], effects=often))


def test_a_post_that_is_live_is_known_to_the_gateway() -> None:
    """Invariant 2: the news must not be lost either."""
    publish = _intent(kind=Kind.PUBLISH, text="Once.")
    evidence = replace(
        GOOD,
        intents=[publish],
        effects=[_effect(publish)],
        activities=[_activity(publish)],
        attempts=[_attempt(publish)],
        decisions=[_decision(publish)],
        posts=[{"id": POST, "state": "queued", "social_id": None}],
    )
    assert _complaints(evidence) == {"untold"}
    told = [{"id": POST, "state": "published", "social_id": SOCIAL}]
    assert _complaints(replace(evidence, posts=told)) == set()


def test_the_fullest_window_is_found() -> None:
    """Its end is open: what is a window later is outside."""
    instants = [NOW + timedelta(seconds=second) for second in (0, 1, 2, 9, 10, 10, 11)]
    assert most_within(instants, timedelta(seconds=2)) == 3
    assert most_within(instants, timedelta(seconds=2.5)) == 4
    assert most_within([], timedelta(seconds=2)) == 0
