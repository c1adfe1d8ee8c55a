"""Clearings of queues: stored until they are done, carried out a batch a statement."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chorus.documents.queue_clearing import ClearQueue
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.store.activities import activity_of

SQL = load("chorus_scheduler.store", "clearings.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """A stored one that is not done."""

    id: UUID
    client_id: UUID
    scope: str
    scope_id: UUID | None
    reason: str
    actor: str
    asked_at: datetime


class ToClear(NamedTuple):
    """How many are planned, and how many are out."""

    planned: int
    out: int


class Stopped(NamedTuple):
    """One that was called off, and whether it was out."""

    activity: Activity
    was_out: bool


async def add(conn: Connection, clearing_id: UUID, command: ClearQueue) -> Clearing:
    """Store that it is wanted; from then on it is carried out, whoever crashes."""
    values = {
        "id": clearing_id,
        "client_id": command.client_id,
        "scope": command.scope,
        "scope_id": command.scope_id,
        "reason": command.reason,
        "actor": command.actor,
    }
    row = await (await conn.execute(SQL.add_clearing, values)).fetchone()
    if row is None:
        raise RuntimeError("an insert gave no row back")
    return Clearing(**row)


async def unfinished(conn: Connection, *, limit: int) -> list[UUID]:
    """Those that are not done, the oldest first."""
    rows = await (await conn.execute(SQL.open_clearings, {"limit": limit})).fetchall()
    return [row["id"] for row in rows]


async def lock(conn: Connection, clearing_id: UUID) -> Clearing | None:
    """One to go on with; None where it is done, or somebody else is at it."""
    row = await (await conn.execute(SQL.lock_clearing, {"id": clearing_id})).fetchone()
    return None if row is None else Clearing(**row)


async def count(conn: Connection, meant: ClearQueue | Clearing) -> ToClear:
    """What there is to clear: by now, or of what was planned when it was asked."""
    values = {
        "client_id": meant.client_id,
        "scope": meant.scope,
        "scope_id": meant.scope_id,
        "asked_at": meant.asked_at if isinstance(meant, Clearing) else None,
    }
    row = await (await conn.execute(SQL.clearing_counts, values)).fetchone()
    return ToClear(**row) if row else ToClear(0, 0)


async def clear_batch(
    conn: Connection, clearing: Clearing, why: Decision, *, now: datetime, limit: int
) -> list[Stopped]:
    """Call off a batch; what somebody holds is left for the next time."""
    change = {"limit": limit, "code": why.code, "sentence": why.sentence, "now": now}
    asked = asdict(clearing) | change
    rows = await (await conn.execute(SQL.clear_batch, asked)).fetchall()
    return [Stopped(activity_of(row), row["was_out"]) for row in rows]


async def count_cleared(
    conn: Connection, clearing_id: UUID, *, removed: int, stopped: int, ended: bool
) -> None:
    """Keep what a batch has done."""
    values = {"id": clearing_id, "removed": removed, "stopped": stopped, "ended": ended}
    await conn.execute(SQL.count_cleared, values)
