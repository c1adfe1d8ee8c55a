"""Somebody changes what an activity says."""

from datetime import datetime

from chorus.clock import Clock
from chorus.documents.activity_commands import Reword
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.commands.saving import find, save
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity, about
from chorus_scheduler.domain.approval_modes import APPROVAL_LIFE
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.errors import ConsentMissing, MoveNotAllowed, TextNeeded, TextNotAllowed
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.store import accounts, activities, decisions


async def reword(conn: Connection, clock: Clock, command: Reword) -> Activity:
    """Another text, or none, for what is not handed over yet.

    The row is locked: what the dispatcher has claimed meanwhile is refused, and what is
    changed here goes out as changed. A yes was for the words of then: to the words of somebody
    else it has to be said again.
    """
    activity = await find(conn, command)
    await require_speaker(conn, activity, command.text)
    if activity.state not in (State.AWAITING_APPROVAL, State.SCHEDULED):
        raise MoveNotAllowed("given another text", activity.state)
    now = clock.now()
    changed = await activities.say(conn, activity, command.text, now=now)
    if command.text == activity.text:
        return changed
    decision = reasons.TEXT_DROPPED() if command.text is None else reasons.TEXT_EDITED()
    await decisions.record(conn, [(about(changed), decision)], actor=command.actor)
    if activity.approval == "given" and activity.approved_by != command.actor:
        return await save(conn, command, activity, _asked_again(activity, now), now)
    await append(conn, "scheduler", [activity_scheduled(changed, now)])
    return changed


def _asked_again(activity: Activity, now: datetime) -> Change:
    return Change(
        state=State.AWAITING_APPROVAL,
        decision=reasons.ASKED_AGAIN(),
        approval="waiting",
        approval_expires_at=max(now, activity.scheduled_for) + APPROVAL_LIFE,
    )


async def require_speaker(conn: Connection, activity: Activity, text: str | None) -> None:
    """Whether the activity may have this text, or none.

    Raises TextNotAllowed, TextNeeded, ConsentMissing.
    """
    if activity.kind not in (Kind.COMMENT, Kind.REPOST):
        raise TextNotAllowed(activity.kind)
    if activity.kind is Kind.COMMENT and text is None:
        raise TextNeeded
    if activity.kind is Kind.REPOST and text is not None:
        account = await accounts.find(
            conn, client_id=activity.client_id, account_id=activity.account_id
        )
        if account is None or Kind.COMMENT not in account.consented:
            raise ConsentMissing
