"""Many activities, one word: decided one by one, each with its own answer.

Each is a transaction of its own, as if it were said alone: one that is refused holds up no other,
and what was decided before the caller, or we, went away stays decided. Said again, the same word of
the same person is no refusal.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal
from uuid import UUID

import psycopg

from chorus.documents.activity_commands import ActivityCommand, Decide, DoneByHand, Moved
from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus.vocabulary import State
from chorus_gateway.actions import activities as actions
from chorus_gateway.caller import Caller
from chorus_gateway.problem_table import PROBLEMS
from chorus_gateway.problems import Problem
from chorus_gateway.scheduler.port import SchedulerRefusal
from chorus_gateway.store import activities

AT_ONCE: Final = 4
"""The scheduler has so many connections for what people command."""
_UNAVAILABLE: Final = PROBLEMS["unavailable"].detail

_Saying = Callable[[], Awaitable[Moved]]
Outcome = Literal["done", "refused", "unavailable"]
"""unavailable: no answer came in time; it may be decided, and is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of one of them."""

    id: UUID
    outcome: Outcome
    state: str | None = None
    code: str
    sentence: str
    decision: str | None = None
    """What somebody decided first, who and when."""
    decided_by: str | None = None
    decided_at: datetime | None = None


async def each(caller: Caller, action: str, commands: Sequence[ActivityCommand]) -> list[Said]:
    """The answers, in the order of the commands. `action` names each in the audit log."""
    wished = [(one.activity_id, partial(actions.steer, caller, action, one)) for one in commands]
    return await _all(caller, wished, word=action.removeprefix("activity."))


async def mark_done(caller: Caller, ids: Sequence[UUID], reason: str) -> list[Said]:
    """What nobody could tell has happened; what failed was done by hand."""
    return await _all(caller, [(one, partial(_done, caller, one, reason)) for one in ids])


async def _done(caller: Caller, activity_id: UUID, reason: str) -> Moved:
    async with caller.reading() as conn:
        found = await activities.find(conn, activity_id)
    who = {
        "client_id": caller.principal.client_id,
        "activity_id": activity_id,
        "actor": caller.principal.actor,
        "reason": reason,
    }
    if found is not None and found.state == State.UNKNOWN:
        return await actions.decide(caller, Decide.model_validate(who | {"happened": True}), None)
    done = DoneByHand.model_validate(who)
    return await actions.steer(caller, "activity.done_by_hand", done)


async def _all(
    caller: Caller, wished: Sequence[tuple[UUID, _Saying]], word: str | None = None
) -> list[Said]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(activity_id: UUID, say: _Saying) -> Said:
        async with slots:
            return await _said(caller, activity_id, say, word)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one(*wish)) for wish in wished]
    return [task.result() for task in running]


async def _said(caller: Caller, activity_id: UUID, say: _Saying, word: str | None) -> Said:
    try:
        moved = await say()
    except Problem as problem:
        return Said(id=activity_id, outcome="refused", code=problem.code, sentence=problem.detail)
    except SchedulerRefusal as refusal:
        return _refused(caller.principal.actor, activity_id, refusal, word)
    except DependencyUnavailable:
        return _unavailable(activity_id)
    except psycopg.Error as error:
        if not is_transient(error):
            raise
        return _unavailable(activity_id)
    return Said(
        id=activity_id,
        outcome="done",
        state=moved.state,
        code=moved.reason_code,
        sentence=moved.reason,
    )


def _unavailable(activity_id: UUID) -> Said:
    return Said(id=activity_id, outcome="unavailable", code="unavailable", sentence=_UNAVAILABLE)


def _refused(actor: str, activity_id: UUID, refusal: SchedulerRefusal, word: str | None) -> Said:
    """What the same person decided in the same way stands: a request that came twice is done."""
    first = refusal.decided
    again = first is not None and (first.decided_by, first.decision) == (actor, word)
    return Said(
        id=activity_id,
        outcome="done" if again else "refused",
        code=refusal.code,
        sentence=str(refusal),
        decision=first.decision if first else None,
        decided_by=first.decided_by if first else None,
        decided_at=first.decided_at if first else None,
    )
