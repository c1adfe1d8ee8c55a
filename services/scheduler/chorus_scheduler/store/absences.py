"""What an account has planned, moved when its owner goes away or is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.activity import Identity, Report
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.instants import Micros, to_datetime
from chorus_scheduler.store.activities import reports_of
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "absences.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movable(Identity):
    """Something that is scheduled."""

    pod_id: UUID | None
    platform: Platform
    due_at: datetime
    wished_at: datetime | None
    """None: no absence has moved it."""
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Another place, and why."""

    of: Movable
    at: Micros
    wished_at: datetime | None
    why: Decision


async def planned(
    conn: Connection, *, client_id: UUID, account_id: UUID, limit: int
) -> list[Movable]:
    """Lock what an account has planned, the first wish first."""
    asked = {"client_id": client_id, "account_id": account_id, "limit": limit}
    rows = await (await conn.execute(SQL.planned_of_account, asked)).fetchall()
    return [_movable(row) for row in rows]


async def move(conn: Connection, moves: Sequence[Move], *, now: datetime) -> None:
    """Give what was locked its other place."""
    rows = [
        {
            "id": each.of.id,
            "due_at": to_datetime(each.at),
            "wished_at": each.wished_at,
            "code": each.why.code,
            "reason": each.why.sentence,
        }
        for each in moves
    ]
    parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
    await conn.execute(SQL.move_planned, parameters)


async def end(
    conn: Connection, gone: Sequence[Movable], why: Decision, *, now: datetime
) -> list[Report]:
    """Skip what was locked and has no place any more."""
    change = {
        "ids": [each.id for each in gone],
        "code": why.code,
        "reason": why.sentence,
        "now": now,
    }
    return reports_of(await (await conn.execute(SQL.end_planned, change)).fetchall())


def _movable(row: Row) -> Movable:
    return Movable(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
        due_at=row["due_at"],
        wished_at=row["wished_at"],
        reason_code=row["reason_code"],
        correlation_id=row["correlation_id"],
    )
