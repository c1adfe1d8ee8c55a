"""The lanes' pulses, and the times in which nothing was handed over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Lane
from chorus_scheduler.domain.handover import Due
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.placement import Interruption
from chorus_scheduler.store.rows import as_json, instant

SQL = load("chorus_scheduler.store", "interruptions.sql", parts="parts.sql")


async def pulses(conn: Connection, lanes: Iterable[Lane]) -> dict[Lane, datetime]:
    """When a dispatcher last went through each of the lanes."""
    cursor = await conn.execute(SQL.pulses, {"lanes": list(lanes)})
    return {Lane(row["lane"]): row["at"] for row in await cursor.fetchall()}


async def beat(conn: Connection, lane: Lane, *, seen: datetime | None, now: datetime) -> None:
    """A dispatcher has gone through the lane. `seen`: its pulse when that began."""
    await conn.execute(SQL.beat, {"lane": lane, "seen": seen, "now": now})


async def record(
    conn: Connection, lanes: Iterable[Lane], *, now: datetime, patience: timedelta
) -> None:
    """Write down since when nothing of these lanes was handed over, where that is longer.

    Once for all replicas and batches: they move what is late by the same length.
    """
    await conn.execute(SQL.lock_interruptions)
    for lane, at in (await pulses(conn, lanes)).items():
        if now - at > patience:
            parameters = {"lane": lane, "began": at, "ended": now}
            await conn.execute(SQL.record_interruption, parameters)
            await beat(conn, lane, seen=at, now=now)


async def of_late(
    conn: Connection, batch: Iterable[Due], *, now: datetime
) -> dict[UUID, Interruption]:
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
    cursor = await conn.execute(SQL.interruptions, {"rows": as_json(rows), "now": now})
    return {
        row["id"]: Interruption(began=to_micros(row["began_at"]), ended=to_micros(row["ended_at"]))
        for row in await cursor.fetchall()
    }
