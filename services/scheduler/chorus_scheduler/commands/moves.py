"""Somebody moves an activity: cancels it, tries it again, says what became of it, puts it off."""

from datetime import datetime

from chorus.clock import Clock
from chorus.documents.activity_commands import Cancel, Decide, Postpone, Retry
from chorus.postgres.pool import Connection
from chorus.vocabulary import State
from chorus_scheduler.commands.saving import find_in, save
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.effects import Effect

_CANCELLABLE = (
    State.AWAITING_APPROVAL,
    State.SCHEDULED,
    State.DISPATCHED,
    State.UNKNOWN,
    State.FAILED,
)
_POSTPONABLE = (State.AWAITING_APPROVAL, State.SCHEDULED)
_RETRIABLE = (State.FAILED, State.UNKNOWN, State.SKIPPED)


async def cancel(conn: Connection, clock: Clock, command: Cancel) -> Activity:
    """What has not happened yet shall not happen.

    A call that is out already cannot be taken back: what comes of it is told. What may have
    happened is looked for as before, and not done again where it is not there.
    """
    activity = await find_in(conn, command, "cancelled", *_CANCELLABLE)
    may_exist = activity.effect is Effect.POSSIBLE
    change = Change(
        state=activity.state if may_exist else State.CANCELLED,
        decision=reasons.CANCELLED(why=command.reason),
        stop=True,
        needs_person=activity.needs_person and may_exist,
    )
    return await save(conn, command, activity, change, clock.now())


async def retry(conn: Connection, clock: Clock, command: Retry) -> Activity:
    """What ended without an effect is tried afresh; an unknown one is looked for first.

    Who said no to what is unknown takes that back by it, and nobody else does. It is no yes:
    what nobody approved waits for approval again.
    """
    activity = await find_in(conn, command, "retried", *_RETRIABLE)
    now = clock.now()
    at = max(now, activity.scheduled_for, command.not_before or now)
    state = State.SCHEDULED
    if activity.effect is Effect.POSSIBLE:
        state = State.UNKNOWN
    elif activity.approval == "waiting":
        state = State.AWAITING_APPROVAL
    change = Change(
        state=state,
        decision=reasons.RETRIED(why=command.reason),
        stop=False if activity.stopped_by in {None, command.actor} else None,
        due_at=at,
        attempt=1,
        approval_expires_at=_approval_ends(activity, at),
    )
    return await save(conn, command, activity, change, now)


async def decide(conn: Connection, clock: Clock, command: Decide) -> Activity:
    """A person looked at what nobody could tell of: it is there, or it is not.

    What is not there is done once more, unless somebody had said no meanwhile.
    """
    activity = await find_in(conn, command, "decided", State.UNKNOWN)
    now = clock.now()
    found = _there if command.happened else _not_there
    return await save(conn, command, activity, found(activity, command, now), now)


async def postpone(conn: Connection, clock: Clock, command: Postpone) -> Activity:
    """Not before then: what is planned, or waits for a yes, has another place from there on.

    Nothing comes earlier by it: a time before its own leaves it where it is.
    """
    activity = await find_in(conn, command, "postponed", *_POSTPONABLE)
    now, place = clock.now(), activity.scheduled_for
    at = max(now, place, activity.due_at, command.until)
    expires = activity.approval_expires_at
    change = Change(
        state=activity.state,
        decision=reasons.POSTPONED(why=command.reason),
        due_at=at,
        approval_expires_at=expires and expires + (at - place),
    )
    return await save(conn, command, activity, change, now)


def _approval_ends(activity: Activity, at: datetime) -> datetime | None:
    """As long after its new time as it was after the old one."""
    waits = activity.suggested or activity.approval == "waiting"
    if not waits or activity.approval_expires_at is None:
        return None
    patience = activity.approval_expires_at - activity.scheduled_for
    return at + patience


def _there(activity: Activity, command: Decide, now: datetime) -> Change:
    return Change(
        state=State.EXECUTED,
        effect=Effect.SEEN,
        decision=reasons.DECIDED_HAPPENED(why=command.reason),
        executed_at=min(now, activity.scheduled_for),
        result={
            "decided_by": command.actor,
            "reason": command.reason,
            "decided_at": now.isoformat(),
        },
    )


def _not_there(activity: Activity, command: Decide, now: datetime) -> Change:
    if activity.stopped_by is not None:
        decision = reasons.DECIDED_ABSENT_AND_STOPPED(why=command.reason)
        return Change(
            state=State.CANCELLED, effect=Effect.NONE, decision=decision, denied=activity.over
        )
    return Change(
        state=State.SCHEDULED,
        effect=Effect.NONE,
        decision=reasons.DECIDED_ABSENT(why=command.reason),
        denied=activity.over,
        due_at=max(now, activity.scheduled_for),
        attempt=min(activity.attempt + 1, activity.max_attempts),
    )
