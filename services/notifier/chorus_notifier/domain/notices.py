"""Which facts people are told of, and in which words (P7). Pure."""

from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from chorus.events import (
    AccountChallenged,
    AccountStatusChanged,
    ActivityExecuted,
    ActivityScheduled,
    Event,
    LeadCaptured,
    PasswordEnded,
    PublishFailed,
)
from chorus.vocabulary import Outcome, State

Severity = Literal["info", "warning", "critical"]
OWNERS_APPROVAL: Final = "own_approval_waiting"
"""For the account's owner alone: who manages the team is told once a post."""
OWNERS_REMINDER: Final = "own_approval_reminder"
"""The same, before it ends."""
PERSONS_PASSWORD: Final = "own_password_ended"  # noqa: S105 - a code
"""For the person alone."""
_AGAIN: Final = "approval_asked_again"
_ENDS_SOON: Final = "approval_ends_soon"
_LOST: Final = {
    "needs_login": "An account's sign-in was lost at the provider.",
    "restricted": "The provider does not work for an account just now.",
    "disconnected": "The provider does not have an account any more.",
}
_BACK: Final = (
    "An account is connected again. It goes on where nothing else stops it, slowly at first where "
    "its sign-in had been lost."
)
OWNERS_SUGGESTION: Final = "own_suggestion"
"""For the account's owner alone."""
_OWNER_ASKS: Final = "owner_asks"
_SUGGESTED: Final = "suggested"


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
    user_id: UUID | None = None
    """Whom it is about, where it is about a person and no account."""
    key: str | None = None
    """Told once for this, whichever events say it; None: once an event."""


def notices_of(event: Event, said: str) -> tuple[Notice, ...]:
    """All that people are told of an event; `said` names it."""
    if isinstance(event, ActivityScheduled):
        if event.state is not State.AWAITING_APPROVAL:
            return ()
        ends = event.reason_code == _ENDS_SOON
        return _reminding(event) if ends else _of_waiting(event, said)
    if isinstance(event, PasswordEnded):
        return _of_password(event)
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
        case AccountStatusChanged():
            return _of_status(event)
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
    words were changed after a yes. Where the owner wants to be asked, nobody else is told.
    """
    what = f"{event.client_id}/{event.post_id or event.activity_id}"
    if event.reason_code == _SUGGESTED:
        return (_of_suggestion(event, what),)
    again = {_AGAIN: f"/{said}", _OWNER_ASKS: "/owner"}.get(event.reason_code, "")
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
    return (owners,) if event.reason_code == _OWNER_ASKS else (waiting, owners)


def _of_suggestion(event: ActivityScheduled, what: str) -> Notice:
    """For the owner alone, once a post: nobody else can do it by hand, or say that it was done."""
    return Notice(
        client_id=event.client_id,
        code=OWNERS_SUGGESTION,
        severity="info",
        sentence=f"A {event.kind} is suggested to you: do it by hand, or leave it.",
        correlation_id=event.correlation_id,
        activity_id=event.activity_id,
        post_id=event.post_id,
        account_id=event.account_id,
        key=f"suggestion/{what}/{event.account_id}",
    )


def _reminding(event: ActivityScheduled) -> tuple[Notice, ...]:
    """Once a post for whoever may approve, and once for each account's owner, however many of the
    post's activities are about to end. Who reads of it when that is settled is shown nothing.
    """
    what = f"{event.client_id}/{event.post_id or event.activity_id}"
    shared = Notice(
        client_id=event.client_id,
        code="approval_reminder",
        severity="warning",
        sentence=f"What was planned for a post still waits for a yes. {event.reason}",
        correlation_id=event.correlation_id,
        post_id=event.post_id,
        key=f"approval_reminder/{what}",
    )
    owners = replace(
        shared,
        code=OWNERS_REMINDER,
        sentence=f"A {event.kind} in your name still waits for a yes. {event.reason}",
        activity_id=event.activity_id,
        account_id=event.account_id,
        key=f"approval_reminder/{what}/{event.account_id}",
    )
    return shared, owners


_WHY_ENDED: Final = {
    "account_gone": "the last account that it rested on is not theirs any more",
    "connected_elsewhere": "a new account was connected in another session than it was chosen in",
    "taken_back": "the account that it rested on was taken back by whose it is",
}
_TO_YOU: Final = {
    "account_gone": "the last account that it rested on is not yours any more. Ask an admin for a"
    " link back, connect an account by it, and choose another password on My page",
    "connected_elsewhere": "a new account of yours was connected in another session than it was"
    " chosen in. Choose another one on My page",
    "taken_back": "the account that it rested on was taken back. If you are a member of the team,"
    " ask an admin for a link back, connect your account by it, and choose another one on My page",
}


def _of_password(event: PasswordEnded) -> tuple[Notice, ...]:
    """One for the team's admins, one for the person."""
    admins = Notice(
        client_id=event.client_id,
        code="password_ended",
        severity="warning",
        sentence=f"The password of somebody in the team ended: {_WHY_ENDED[event.code]}. If they"
        " are to come back, send them a link.",
        correlation_id=event.correlation_id,
        user_id=event.user_id,
        key=f"password/{event.user_id}/{event.ended_at.isoformat()}",
    )
    person = replace(
        admins,
        code=PERSONS_PASSWORD,
        sentence=f"Your password ended: {_TO_YOU[event.code]}.",
        key=f"{admins.key}/own",
    )
    return admins, person


def _of_status(event: AccountStatusChanged) -> Notice:
    """Said once when a sign-in was lost, with the way back, and once when it is there again."""
    back = event.status == "connected"
    return Notice(
        client_id=event.client_id,
        code="account_connected_again" if back else f"account_{event.status}",
        severity="info" if back else "critical",
        sentence=_BACK if back else f"{_LOST[event.status]} {_way_back(event)}",
        correlation_id=event.correlation_id,
        account_id=event.account_id,
    )


def _way_back(event: AccountStatusChanged) -> str:
    if event.status == "restricted":
        return "Nothing goes out in its name until it works there again."
    where = f"on My page, {event.my_page}" if event.my_page else "at the provider's page"
    return (
        f"Nothing goes out in its name until its owner signs in again {where}. An owner who cannot "
        "get in there asks an admin for a link back."
    )


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
