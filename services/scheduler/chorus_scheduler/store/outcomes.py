"""Activities whose execution ended: locked, settled, saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.domain.activity import Identity, Report
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.settlement import Settlement, Standing
from chorus_scheduler.store.activities import reports_of
from chorus_scheduler.store.rows import Row, as_json, instant

SQL = load("chorus_scheduler.store", "outcomes.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Identity):
    """A locked activity: what the rules need of it, and what the reports need."""

    standing: Standing
    pod_id: UUID | None
    platform: Platform
    lane: Lane
    gate_scopes: tuple[str, ...]
    dispatched_at: datetime | None


async def lock(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Held]:
    """Lock activities in the order of their ids."""
    cursor = await conn.execute(SQL.lock_settling, {"ids": list(ids)})
    return {row["id"]: _held(row) for row in await cursor.fetchall()}


async def journaled(conn: Connection, events: Sequence[ActivityExecuted]) -> set[UUID]:
    """The activities of those of these executions that an executor has entered in its journal."""
    rows = [{"id": event.activity_id, "execution": event.execution} for event in events]
    cursor = await conn.execute(SQL.journaled_executions, {"rows": as_json(rows)})
    return {row["activity_id"] for row in await cursor.fetchall()}


def _held(row: Row) -> Held:
    state, kind = State(row["state"]), Kind(row["kind"])
    return Held(
        id=row["id"],
        kind=kind,
        standing=Standing(
            id=row["id"],
            state=state,
            execution=row["execution"],
            attempt=row["attempt"],
            verifications=row["verifications"],
            kind=kind,
            effect=Effect(row["effect"]),
            stopped=row["stopped"] or state is State.CANCELLED,
            suggested=row["suggested"],
            unheard=frozenset(row["unheard"]),
        ),
        client_id=row["client_id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        pod_id=row["pod_id"],
        platform=Platform(row["platform"]),
        lane=Lane(row["lane"]),
        gate_scopes=tuple(row["gate_scopes"]),
        correlation_id=row["correlation_id"],
        dispatched_at=row["dispatched_at"],
    )


async def save(
    conn: Connection, settled: Sequence[tuple[ActivityExecuted, Settlement]]
) -> list[Report]:
    """Store what the outcomes mean, each of another activity."""
    rows = _one_name_each([_row(event, settlement) for event, settlement in settled])
    if not rows:
        return []
    return await _changed(conn, SQL.save_outcomes, rows)


async def hear(conn: Connection, events: Sequence[ActivityExecuted]) -> list[Report]:
    """Store that these outcomes were heard, and nothing else."""
    rows: list[Row] = [
        {
            "id": event.activity_id,
            "execution": event.execution,
            "last_error": _error(event, will_retry=False),
            "now": event.finished_at,
        }
        for event in events
    ]
    return await _changed(conn, SQL.hear_outcomes, rows) if rows else []


async def _changed(conn: Connection, query: str, rows: Sequence[Row]) -> list[Report]:
    cursor = await conn.execute(query, {"rows": as_json(rows)})
    return reports_of(await cursor.fetchall())


def _one_name_each(rows: Sequence[dict[str, Any]]) -> list[Row]:
    """Two of a batch that prove to have acted on one target: the first of them keeps its name."""
    seen: set[tuple[UUID, str, str]] = set()
    named: list[Row] = []
    for row in rows:
        key = (row.pop("account_id"), row.pop("kind"), row["social_id"])
        named.append({**row, "social_id": None} if key in seen else row)
        seen.add(key)
    return named


def _row(event: ActivityExecuted, settlement: Settlement) -> dict[str, Any]:
    seen = settlement.effect is Effect.SEEN
    result = event.result
    return {
        "id": event.activity_id,
        "execution": event.execution,
        "account_id": event.account_id,
        "kind": event.kind,
        "state": settlement.state,
        "effect": settlement.effect,
        "code": settlement.decision.code,
        "reason": settlement.decision.sentence,
        "attempt": settlement.attempt,
        "verifications": settlement.verifications,
        "due_at": instant(settlement.due_at),
        "placed": settlement.placed,
        "executed_at": (event.called_at or event.finished_at) if seen else None,
        "failures": int(settlement.failed),
        "last_error": _error(event, will_retry=settlement.state is State.SCHEDULED),
        "result": result.model_dump() if seen and result else None,
        "result_url": result.url if seen and result else None,
        "final_text": event.final_text if seen else None,
        "social_id": result.social_id if result and event.kind is not Kind.PUBLISH else None,
        "verified": seen and event.verified,
        "needs_person": settlement.needs_person,
        "stop": settlement.stop,
        "now": event.finished_at,
    }


def _error(event: ActivityExecuted, *, will_retry: bool) -> dict[str, Any] | None:
    failure = event.failure
    if failure is None:
        return None
    return {
        "error_type": failure.error_type,
        "message": failure.message,
        "code": failure.code,
        "timestamp": event.finished_at,
        "will_retry": will_retry,
    }
