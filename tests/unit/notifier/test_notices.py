"""Which facts people are told of."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chorus.events import (
    AccountChallenged,
    AccountStatusChanged,
    ActivityExecuted,
    Failure,
    LeadCaptured,
    PublishFailed,
)
from chorus.vocabulary import ErrorType, Kind, Lane, Mode, Outcome
from chorus_notifier.domain.notices import notice_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def executed(**values: Any) -> ActivityExecuted:
    return ActivityExecuted(
        **{
            "client_id": UUID(int=1),
            "activity_id": UUID(int=2),
            "execution": 1,
            "attempt": 1,
            "mode": Mode.PERFORM,
            "kind": Kind.LIKE,
            "lane": Lane.API,
            "account_id": UUID(int=3),
            "post_id": UUID(int=4),
            "outcome": Outcome.EXECUTED,
            "finished_at": NOW,
            "correlation_id": "correlation",
            **values,
        }
    )


def failure(**values: Any) -> Failure:
    return Failure(
        **{
            "error_type": ErrorType.API_ERROR,
            "message": "Unipile answered 400.",
            "retryable": False,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("event", "code", "severity"),
    [
        (executed(), "activity_executed", "info"),
        (executed(outcome=Outcome.FAILED, failure=failure()), "activity_failed", "warning"),
        (
            executed(outcome=Outcome.FAILED, failure=failure(challenge=True)),
            "account_challenged",
            "critical",
        ),
        (
            executed(outcome=Outcome.UNKNOWN, failure=failure(challenge=True)),
            "account_challenged",
            "critical",
        ),
        (executed(outcome=Outcome.UNKNOWN, failure=failure()), "activity_unknown", "warning"),
    ],
)
def test_completions_failures_and_challenges_are_told(
    event: ActivityExecuted, code: str, severity: str
) -> None:
    """P7: with the account whose owner is to hear of it too."""
    notice = notice_of(event)
    assert notice is not None
    assert (notice.code, notice.severity) == (code, severity)
    assert notice.account_id == event.account_id
    assert len(notice.sentence) >= 10


def test_what_was_withheld_is_not_told() -> None:
    """P7: who paused it knows; the ledger says why."""
    assert notice_of(executed(outcome=Outcome.WITHHELD, withheld_code="paused")) is None


def test_a_challenge_that_a_look_met_is_told() -> None:
    """P7, invariant 5: as one that an execution meets, to the account's owner too."""
    event = AccountChallenged(
        client_id=UUID(int=1),
        account_id=UUID(int=3),
        pause_id=UUID(int=7),
        reason="The provider asks for the account's person: captcha.",
        met_at=NOW,
        correlation_id="correlation",
    )
    notice = notice_of(event)
    assert notice is not None
    assert (notice.code, notice.severity) == ("account_challenged", "critical")
    assert notice.account_id == event.account_id
    assert event.reason in notice.sentence


def test_a_post_that_failed_is_told() -> None:
    """P7."""
    event = PublishFailed(
        client_id=UUID(int=1),
        post_id=UUID(int=4),
        state="failed",
        reason="The account needs a login.",
        correlation_id="correlation",
    )
    notice = notice_of(event)
    assert notice is not None
    assert event.reason in notice.sentence


def test_a_lead_is_told_without_its_address() -> None:
    """W4: an e-mail address stays where it belongs."""
    event = LeadCaptured(
        client_id=UUID(int=1),
        campaign_id=UUID(int=5),
        lead_id=UUID(int=6),
        email="person@example.test",
        source="comment",
        captured_at=NOW,
        correlation_id="correlation",
    )
    notice = notice_of(event)
    assert notice is not None
    assert "example" not in notice.sentence


@pytest.mark.parametrize(
    ("status", "code", "severity"),
    [
        ("needs_login", "account_needs_login", "critical"),
        ("restricted", "account_restricted", "critical"),
        ("disconnected", "account_disconnected", "critical"),
        ("connected", "account_connected_again", "info"),
    ],
)
def test_a_lost_sign_in_is_told_with_the_way_back(status: str, code: str, severity: str) -> None:
    """Issue 11.5: whoever owns the account reads where they sign it in again."""
    event = AccountStatusChanged.model_validate(
        {
            "client_id": UUID(int=1),
            "account_id": UUID(int=3),
            "status": status,
            "word": "CREDENTIALS",
            "since": NOW,
            "my_page": "https://pod.example.com/me",
            "correlation_id": "of the account",
        }
    )
    notice = notice_of(event)
    assert notice is not None
    assert (notice.code, notice.severity) == (code, severity)
    assert notice.account_id == event.account_id
    signs_in = status in {"needs_login", "disconnected"}
    assert ("https://pod.example.com/me" in notice.sentence) is signs_in
