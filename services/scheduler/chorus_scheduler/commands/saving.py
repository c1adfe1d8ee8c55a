"""How a command reads its activity, and how it stores what became of it."""

from dataclasses import replace
from datetime import datetime

from chorus.documents.activity_commands import ActivityCommand
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity, about
from chorus_scheduler.domain.approval_modes import APPROVAL_LIFE, held_for_owner
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.instants import to_datetime, to_micros
from chorus_scheduler.domain.participation import OF_PODS
from chorus_scheduler.domain.placement import NoPlace
from chorus_scheduler.domain.states import move
from chorus_scheduler.errors import ActivityNotFound, MoveNotAllowed, NoPlaceLeft
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import accounts, activities, decisions, placing


async def find(conn: Connection, command: ActivityCommand) -> Activity:
    """The command's activity, locked. Raises ActivityNotFound."""
    activity = await activities.lock(conn, command.activity_id)
    if activity is None or activity.client_id != command.client_id:
        raise ActivityNotFound
    return activity


async def find_in(
    conn: Connection, command: ActivityCommand, word: str, *allowed: State
) -> Activity:
    """The command's activity, locked. Raises MoveNotAllowed where it may not be `word` any more."""
    activity = await find(conn, command)
    if activity.state not in allowed:
        raise MoveNotAllowed(word, activity.state)
    return activity


async def save(
    conn: Connection, command: ActivityCommand, activity: Activity, change: Change, now: datetime
) -> Activity:
    """Store the change with its decision, tell of it, and wake who hands over.

    What is scheduled by it has a place of its own, unless its account's owner wants to be asked or
    does it by hand: then it waits for them. Raises NoPlaceLeft.
    """
    told = [change.decision]
    change, left = await _held_for_owner(conn, activity, change, now)
    told += [left] if left else []
    change = replace(change, state=move(activity.state, change.state))
    if change.state is State.SCHEDULED and change.due_at is not None:
        change = replace(change, due_at=await _place(conn, activity, change.due_at, now))
    changed = await activities.save(conn, activity, change, actor=command.actor, now=now)
    await decisions.record(conn, [(about(changed), why) for why in told], actor=command.actor)
    await append(conn, "scheduler", [activity_scheduled(changed, now)])
    await tell_unpublished(conn, [changed], now)
    await activities.wake(conn)
    return changed


async def _held_for_owner(
    conn: Connection, activity: Activity, change: Change, now: datetime
) -> tuple[Change, Decision | None]:
    """Whatever a person commands, what is left to the account's person is not done for them."""
    if change.state not in (State.SCHEDULED, State.AWAITING_APPROVAL):
        return change, None
    if activity.kind not in OF_PODS or change.approval == "given":
        return change, None  # whoever approves was asked about it
    standing = (await accounts.standings(conn, [activity.account_id])).get(activity.account_id)
    left = held_for_owner(
        standing.modes.get(activity.kind) if standing else None,
        suggested=activity.suggested,
        owner_agreed=activity.approval == "given" and activity.owner_agreed,
    )
    waits = change.state is State.AWAITING_APPROVAL
    if left is None or (waits and left.code == reasons.OWNER_ASKS.code):
        return change, None
    suggested = left.code == reasons.SUGGESTED.code
    after = max(now, change.due_at or activity.scheduled_for)
    return replace(
        change,
        state=State.AWAITING_APPROVAL,
        decision=left,
        suggested=suggested or None,
        approval=None if suggested else "waiting",
        approval_expires_at=change.approval_expires_at or after + APPROVAL_LIFE,
    ), left


async def _place(conn: Connection, activity: Activity, wished: datetime, now: datetime) -> datetime:
    """Where it fits in, among its account's limits and hours and what is planned (invariant 8)."""
    places = await placing.load(conn, [activity], now=now)
    late = activity.scheduled_for < now
    found = places.place(activity.id, to_micros(wished), late=late)
    if isinstance(found, NoPlace):
        raise NoPlaceLeft(found.decision.sentence)
    return to_datetime(found.at)
