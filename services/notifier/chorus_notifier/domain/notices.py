"""Which facts people are told of, and in which words (P7). Pure."""

from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from chorus.events import (
    AccountChallenged,
    ActivityExecuted,
    ActivityScheduled,
    Event,
    LeadCaptured,
    PublishFailed,
)
from chorus.vocabulary import Outcome, State

Severity = Literal["info", "warning", "critical"]
OWNERS_APPROVAL: Final = "own_approval_waiting"
"""For the account's owner alone: who manages the team is told once a post."""
_AGAIN: Final = "approval_asked_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One sentence for the tenant's admins, and for the owner of the account that acted."""

    client_id: UUID
    code: str
    severity: Severity
    sentence: str
    correlation_id: str
    activity_id: UUID | None = None
    post_id: UUID | None = None
    account_id: UUID | None = None
    campaign_id: UUID | None = None
    key: str | None = None
    """Told once for this, whichever events say it; None: once an event."""


def notices_of(event: Event, said: str) -> tuple[Notice, ...]:
    """All that people are told of an event; `said` names it."""
    if isinstance(event, ActivityScheduled):
        return _of_waiting(event, said) if event.state is State.AWAITING_APPROVAL else ()
    notice = notice_of(event)
    return () if notice is None else (notice,)


def notice_of(event: Event) -> Notice | None:
    """None for what nobody needs to be told."""
    match event:
        case ActivityExecuted():
            return _of_execution(event)
        case AccountChallenged():
            return Notice(
                client_id=event.client_id,
                code="account_challenged",
                severity="critical",
                sentence=_challenged(event.reason),
                correlation_id=event.correlation_id,
                account_id=event.account_id,
            )
        case PublishFailed():
            return Notice(
                client_id=event.client_id,
                code="publish_failed",
                severity="warning",
                sentence=f"A post was not published: {event.reason}",
                correlation_id=event.correlation_id,
                post_id=event.post_id,
            )
        case LeadCaptured():
            return Notice(
                client_id=event.client_id,
                code="lead_captured",
                severity="info",
                sentence="Somebody answered a campaign with an e-mail address.",
                correlation_id=event.correlation_id,
                campaign_id=event.campaign_id,
            )
    return None


def _of_waiting(event: ActivityScheduled, said: str) -> tuple[Notice, ...]:
    """Once a post for whoever may approve, and once for the owner of each account; again only where
    words were changed after a yes.
    """
    what = f"{event.client_id}/{event.post_id or event.activity_id}"
    again = f"/{said}" if event.reason_code == _AGAIN else ""
    waiting = Notice(
        client_id=event.client_id,
        code="approval_waiting",
        severity="info",
        sentence="What was planned for a post waits for a yes, and is not done without one.",
        correlation_id=event.correlation_id,
        post_id=event.post_id,
        key=f"approval/{what}{again}",
    )
    owners = replace(
        waiting,
        code=OWNERS_APPROVAL,
        sentence=f"A {event.kind} in your name waits for a yes, and is not done without one.",
        activity_id=event.activity_id,
        account_id=event.account_id,
        key=f"approval/{what}/{event.account_id}{again}",
    )
    return waiting, owners


def _challenged(said: str) -> str:
    return f"The network asks for the account's person: {said} The account is paused."


def _of_execution(event: ActivityExecuted) -> Notice | None:
    worded = _worded(event)
    if worded is None:
        return None
    code, severity, sentence = worded
    return Notice(
        client_id=event.client_id,
        code=code,
        severity=severity,
        sentence=sentence,
        correlation_id=event.correlation_id,
        activity_id=event.activity_id,
        post_id=event.post_id,
        account_id=event.account_id,
    )


def _worded(event: ActivityExecuted) -> tuple[str, Severity, str] | None:
    failure = event.failure
    if failure is not None and failure.challenge:
        return "account_challenged", "critical", _challenged(failure.message)
    match event.outcome:
        case Outcome.EXECUTED:
            found = " It was found by looking." if event.verified else ""
            return "activity_executed", "info", f"A {event.kind} was carried out.{found}"
        case Outcome.UNKNOWN:
            sentence = f"Whether a {event.kind} took effect is not known yet; it is looked for."
            return "activity_unknown", "warning", sentence
        case Outcome.FAILED if failure is not None:
            again = " It may be tried again." if failure.retryable else ""
            sentence = f"A {event.kind} failed: {failure.message}{again}"
            return "activity_failed", "warning", sentence
    return None
