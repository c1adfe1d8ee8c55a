"""What comes back: parked work of pauses that ended, and what is late because nothing ran."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.vocabulary import Lane
from chorus_scheduler.domain.handover import Due
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.placement import Interruption
from chorus_scheduler.store.rows import QUERIES, Row, as_json, instant


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


async def pulses(conn: Connection, lanes: Iterable[Lane]) -> dict[Lane, datetime]:
    """When a dispatcher last went through each of the lanes."""
    cursor = await conn.execute(QUERIES.pulses, {"lanes": list(lanes)})
    return {Lane(row["lane"]): row["at"] for row in await cursor.fetchall()}


async def beat(conn: Connection, lane: Lane, *, seen: datetime | None, now: datetime) -> None:
    """A dispatcher has gone through the lane. `seen`: its pulse when that began."""
    await conn.execute(QUERIES.beat, {"lane": lane, "seen": seen, "now": now})


async def record_interruptions(
    conn: Connection, lanes: Iterable[Lane], *, now: datetime, patience: timedelta
) -> None:
    """Write down since when nothing of these lanes was handed over, where that is longer.

    Once for all replicas and batches: they move what is late by the same length.
    """
    await conn.execute(QUERIES.lock_interruptions)
    for lane, at in (await pulses(conn, lanes)).items():
        if now - at > patience:
            parameters = {"lane": lane, "began": at, "ended": now}
            await conn.execute(QUERIES.record_interruption, parameters)
            await beat(conn, lane, seen=at, now=now)


async def interruptions(conn: Connection, batch: Iterable[Due]) -> dict[UUID, Interruption]:
    """The interruption that each was due in; the others are missing from the answer."""
    rows = [
        {
            "id": due.id,
            "client_id": due.client_id,
            "lane": due.lane,
            "due_at": instant(due.due_at),
        }
        for due in batch
    ]
    if not rows:
        return {}
    cursor = await conn.execute(QUERIES.interruptions, {"rows": as_json(rows)})
    return {
        row["id"]: Interruption(began=to_micros(row["began_at"]), ended=to_micros(row["ended_at"]))
        for row in await cursor.fetchall()
    }
