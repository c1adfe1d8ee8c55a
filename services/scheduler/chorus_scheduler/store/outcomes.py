"""Activities whose execution ended: locked, settled, saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.settlement import Settlement, Standing
from chorus_scheduler.store.rows import QUERIES, Row, as_json, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A locked row: what the rules need of it, and what the reports need."""

    standing: Standing
    client_id: UUID
    post_id: UUID
    account_id: UUID
    gate_scopes: tuple[str, ...]
    correlation_id: str
    state: State


async def lock(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Held]:
    """Lock activities in the order of their ids."""
    cursor = await conn.execute(QUERIES.lock_settling, {"ids": list(ids)})
    return {row["id"]: _held(row) for row in await cursor.fetchall()}


def _held(row: dict[str, Any]) -> Held:
    state = State(row["state"])
    return Held(
        standing=Standing(
            id=row["id"],
            state=state,
            execution=row["execution"],
            attempt=row["attempt"],
            verifications=row["verifications"],
            kind=Kind(row["kind"]),
        ),
        client_id=row["client_id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        gate_scopes=tuple(row["gate_scopes"]),
        correlation_id=row["correlation_id"],
        state=state,
    )


async def save(conn: Connection, settled: Sequence[tuple[ActivityExecuted, Settlement]]) -> None:
    """Store what the outcomes mean; one row an activity."""
    rows = [_row(event, settlement) for event, settlement in settled]
    if rows:
        await conn.execute(QUERIES.save_outcomes, {"rows": as_json(rows)})


def _row(event: ActivityExecuted, settlement: Settlement) -> Row:
    ended = settlement.state is State.EXECUTED
    result, failure = event.result, event.failure
    error = None
    if failure is not None:
        error = {
            "error_type": failure.error_type,
            "message": failure.message,
            "code": failure.code,
            "timestamp": event.finished_at,
            "will_retry": settlement.state is State.SCHEDULED,
        }
    return {
        "id": event.activity_id,
        "state": settlement.state,
        "code": settlement.decision.code,
        "reason": settlement.decision.sentence,
        "attempt": settlement.attempt,
        "verifications": settlement.verifications,
        "due_at": instant(settlement.due_at),
        "executed_at": (event.called_at or event.finished_at) if ended or failure else None,
        "failures": int(settlement.failed),
        "last_error": error,
        "result": result.model_dump() if ended and result else None,
        "result_url": result.url if ended and result else None,
        "final_text": event.final_text if ended else None,
        "social_id": result.social_id if result and event.kind is not Kind.PUBLISH else None,
        "verified": ended and event.verified,
        "needs_person": settlement.needs_person,
        "now": event.finished_at,
    }
