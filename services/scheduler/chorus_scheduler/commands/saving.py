"""How a command reads its activity, and how it stores what became of it."""

from dataclasses import replace
from datetime import datetime

from chorus.documents.activity_commands import ActivityCommand
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import State
from chorus_scheduler.domain.activity import Activity, about
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.instants import to_datetime, to_micros
from chorus_scheduler.domain.placement import NoPlace
from chorus_scheduler.domain.states import move
from chorus_scheduler.errors import ActivityNotFound, MoveNotAllowed, NoPlaceLeft
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import activities, decisions, placing


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

    What is scheduled by it has a place of its own. Raises NoPlaceLeft.
    """
    change = replace(change, state=move(activity.state, change.state))
    if change.state is State.SCHEDULED and change.due_at is not None:
        change = replace(change, due_at=await _place(conn, activity, change.due_at, now))
    changed = await activities.save(conn, activity, change, actor=command.actor, now=now)
    await decisions.record(conn, [(about(changed), change.decision)], actor=command.actor)
    await append(conn, "scheduler", [activity_scheduled(changed, now)])
    await tell_unpublished(conn, [changed], now)
    await activities.wake(conn)
    return changed


async def _place(conn: Connection, activity: Activity, wished: datetime, now: datetime) -> datetime:
    """Where it fits in, among its account's limits and hours and what is planned (invariant 8)."""
    places = await placing.load(conn, [activity], now=now)
    late = activity.scheduled_for < now
    found = places.place(activity.id, to_micros(wished), late=late)
    if isinstance(found, NoPlace):
        raise NoPlaceLeft(found.decision.sentence)
    return to_datetime(found.at)
