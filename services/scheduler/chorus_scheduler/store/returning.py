"""What comes back: parked work of pauses that ended, and what is late because nothing ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.placement import Interruption
from chorus_scheduler.store.rows import QUERIES, Row, as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPause:
    """A pause that has ended and still has something parked."""

    id: UUID
    late_from: datetime | None
    """When the first was due of what it had parked when it ended."""
    goes_on_at: datetime
    actor: str


async def ended_pauses(conn: Connection, pause: UUID | None = None) -> list[EndedPause]:
    """The ended pauses that still have something parked: all, or one."""
    cursor = await conn.execute(QUERIES.ended_pauses_with_parked, {"pause": pause})
    return [EndedPause(**row) for row in await cursor.fetchall()]


async def left(conn: Connection, pause: UUID) -> int:
    """How many are still parked by a pause."""
    row = await (await conn.execute(QUERIES.parked_left, {"pause": pause})).fetchone()
    return int(row["n"]) if row else 0


async def tenant_of(conn: Connection, pause: UUID) -> UUID | None:
    """Whose the first is that a pause has parked."""
    row = await (await conn.execute(QUERIES.tenant_with_parked, {"pause": pause})).fetchone()
    return row["client_id"] if row else None


async def claim(conn: Connection, pause: UUID, client_id: UUID, limit: int) -> list[dict[str, Any]]:
    """Lock the first that a pause has parked of a tenant."""
    parameters = {"pause": pause, "client_id": client_id, "limit": limit}
    return list(await (await conn.execute(QUERIES.claim_parked, parameters)).fetchall())


async def bring_back(conn: Connection, rows: Sequence[Row], *, now: datetime) -> None:
    """Parked no more; `state`, `due_at` (null: as it is), `code` and `reason` of each."""
    parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
    await conn.execute(QUERIES.bring_back, parameters)


async def interruption(
    conn: Connection, oldest: datetime, now: datetime, patience: timedelta
) -> Interruption | None:
    """The time in which nothing was handed over, if what was due at `oldest` is late by it.

    One that is not known yet is written down: every replica, and every batch, moves what is late
    by the same length.
    """
    known = await _known(conn, oldest)
    if known is not None or now - oldest <= patience:
        return known
    await conn.execute(QUERIES.lock_interruptions)
    known = await _known(conn, oldest)
    if known is None:
        await conn.execute(QUERIES.record_interruption, {"began": oldest, "ended": now})
        known = Interruption(began=to_micros(oldest), ended=to_micros(now))
    return known


async def _known(conn: Connection, at: datetime) -> Interruption | None:
    row = await (await conn.execute(QUERIES.interruption_at, {"at": at})).fetchone()
    if row is None:
        return None
    return Interruption(began=to_micros(row["began_at"]), ended=to_micros(row["ended_at"]))
