"""What a person's word makes of one activity: one statement, whatever the word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.vocabulary import State
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.store.rows import QUERIES, as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The activity afterwards. None leaves a fact as it is."""

    state: State
    decision: Decision
    effect: Effect | None = None
    stop: bool | None = None
    """True: somebody says no. False: the no is taken back."""
    approval: Literal["given", "waiting"] | None = None
    approval_expires_at: datetime | None = None
    due_at: datetime | None = None
    text: str | None = None
    attempt: int | None = None
    """Where it is set, looks are counted afresh as well."""
    needs_person: bool = False
    executed_at: datetime | None = None
    result: dict[str, Any] | None = None


async def save(
    conn: Connection, row: dict[str, Any], change: Change, *, actor: str, now: datetime
) -> dict[str, Any]:
    """Store the change of a row that was locked in this transaction."""
    activity_id: UUID = row["id"]
    parameters = {
        "id": activity_id,
        "state": change.state,
        "effect": change.effect,
        "code": change.decision.code,
        "reason": change.decision.sentence,
        "stop": change.stop,
        "approval": change.approval,
        "approval_expires_at": change.approval_expires_at,
        "due_at": change.due_at,
        "text": change.text,
        "attempt": change.attempt,
        "needs_person": change.needs_person,
        "executed_at": change.executed_at,
        "result": None if change.result is None else as_json([change.result])[1:-1],
        "actor": actor,
        "now": now,
    }
    changed = await (await conn.execute(QUERIES.change_one, parameters)).fetchone()
    if changed is None:
        raise LookupError(f"{activity_id} is locked, and gone")
    return changed
