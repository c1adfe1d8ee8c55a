"""Somebody says that an account's person did it themselves."""

from datetime import datetime

from chorus.clock import Clock
from chorus.documents.activity_commands import DoneByHand
from chorus.postgres.pool import Connection
from chorus.vocabulary import State
from chorus_scheduler.commands.saving import find_in, save
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import account_scope, kept_after, use
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.participation import OF_PODS
from chorus_scheduler.errors import DoneElsewhere, MoveNotAllowed
from chorus_scheduler.store import gates, mode_enforcement
from chorus_scheduler.store.placing import kind_scope, post_scope

_OPEN = (State.AWAITING_APPROVAL, State.SCHEDULED, State.FAILED, State.SKIPPED)
"""In these nothing is out, and there is no effect of ours."""


async def done_by_hand(conn: Connection, clock: Clock, command: DoneByHand) -> Activity:
    """It is done, by its account's person, and nobody does it any more.

    It is none of our effects, and yet a use of the limits, as of now: the network counts what the
    account does, whoever does it, and Chorus does so much less. No limit refuses it. Raises
    DoneElsewhere where another activity of the account stands for the same effect.
    """
    word = "marked as done by hand"
    activity = await find_in(conn, command, word, *_OPEN)
    if activity.kind not in OF_PODS:
        raise MoveNotAllowed(word, f"a {activity.kind}")
    now = clock.now()
    await _count(conn, activity, now)
    if await mode_enforcement.acted_elsewhere(conn, activity):
        raise DoneElsewhere
    change = Change(
        state=State.EXECUTED,
        effect=Effect.SEEN,
        decision=reasons.DONE_BY_HAND(why=command.reason),
        executed_at=now,
        by_hand=True,
        result={"done_by_hand": command.actor, "said_at": now.isoformat()},
    )
    return await save(conn, command, activity, change, now)


async def _count(conn: Connection, activity: Activity, now: datetime) -> None:
    """As a use of the account's kind and of the post's pace, under the account's gate."""
    uses = [kind_scope(activity.account_id, activity.kind)]
    uses.append(post_scope(activity.post_id, activity.kind))
    locked = await gates.lock(conn, [account_scope(activity.account_id), *uses], make=True)
    at = to_micros(now)
    await gates.save(conn, [use(locked[scope], at, kept_after(scope, at)) for scope in uses])
