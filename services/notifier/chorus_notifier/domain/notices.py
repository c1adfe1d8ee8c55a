"""Which facts people are told of, and in which words (P7). Pure."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from chorus.events import AccountChallenged, ActivityExecuted, Event, LeadCaptured, PublishFailed
from chorus.vocabulary import Outcome

Severity = Literal["info", "warning", "critical"]


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
