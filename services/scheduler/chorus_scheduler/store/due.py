"""Due activities: claimed, handed over, put off, parked, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.handover import Due, Pause
from chorus_scheduler.domain.instants import Micros
from chorus_scheduler.store.rows import QUERIES, Row, as_json, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """What of an account matters at the moment of hand-over."""

    connected: bool
    consented: frozenset[str]
    connected_at: datetime


async def claim(conn: Connection, *, until: datetime, limit: int) -> list[Row]:
    """Lock what is due until then, earliest first; what another dispatcher holds is passed over."""
    cursor = await conn.execute(QUERIES.claim_due, {"until": until, "limit": limit})
    return list(await cursor.fetchall())


async def next_due_at(conn: Connection) -> datetime | None:
    """The earliest instant at which something will be due."""
    cursor = await conn.execute(QUERIES.next_due_at)
    row = await cursor.fetchone()
    return row["due_at"] if row else None


async def in_hand(conn: Connection, lane: str) -> int:
    """How many of a lane are handed over and not settled."""
    row = await (await conn.execute(QUERIES.in_hand, {"lane": lane})).fetchone()
    return int(row["n"]) if row else 0


async def accounts(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, AccountStanding]:
    """The present standing of accounts; a missing one is missing from the answer."""
    cursor = await conn.execute(QUERIES.account_standing, {"accounts": list(ids)})
    return {
        row["account_id"]: AccountStanding(
            connected=row["connected"],
            consented=frozenset(row["consented_kinds"]),
            connected_at=row["connected_at"],
        )
        for row in await cursor.fetchall()
    }


async def pauses(conn: Connection) -> list[Pause]:
    """Every pause in force."""
    cursor = await conn.execute(QUERIES.pauses_in_force)
    return [Pause(**row) for row in await cursor.fetchall()]


async def hand_over(
    conn: Connection, handed: Sequence[Due], *, now: datetime, lease: timedelta
) -> list[dict[str, Any]]:
    """Mark as handed over; the answer holds all that the commands need. The silenced lose their
    text.
    """
    if not handed:
        return []
    scopes = {str(due.id): [rule.scope for rule in due.rules] for due in handed}
    parameters = {
        "ids": [due.id for due in handed],
        "scopes": as_json([scopes])[1:-1],
        "silenced": [due.id for due in handed if due.silenced],
        "now": now,
        "lease": lease,
    }
    return list(await (await conn.execute(QUERIES.hand_over, parameters)).fetchall())


async def put_off(
    conn: Connection, entries: Sequence[tuple[Due, Micros, Decision]], *, now: datetime
) -> None:
    """Move to a later instant."""
    rows = [
        {"id": due.id, "due_at": instant(at), "code": decision.code, "reason": decision.sentence}
        for due, at, decision in entries
    ]
    await _by_rows(conn, "put_off", rows, now)


async def park(
    conn: Connection, entries: Sequence[tuple[Due, Pause, Decision]], *, now: datetime
) -> None:
    """Set aside until the pause ends."""
    rows = [
        {"id": due.id, "pause_id": pause.id, "reason": decision.sentence}
        for due, pause, decision in entries
    ]
    await _by_rows(conn, "park", rows, now)


async def cancel(
    conn: Connection, entries: Sequence[tuple[Due, Decision]], *, now: datetime
) -> None:
    """End what was never handed over."""
    rows = [
        {"id": due.id, "state": "cancelled", "code": decision.code, "reason": decision.sentence}
        for due, decision in entries
    ]
    await _by_rows(conn, "end_unstarted", rows, now)


async def overdue_leases(conn: Connection, *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Handed over, and no outcome within the lease. `journaled`: an executor has it."""
    cursor = await conn.execute(QUERIES.overdue_leases, {"now": now, "limit": limit})
    return list(await cursor.fetchall())


async def renew_leases(
    conn: Connection, ids: Sequence[UUID], *, until: datetime
) -> list[dict[str, Any]]:
    """Give more time; the answer holds all that the commands need."""
    if not ids:
        return []
    cursor = await conn.execute(QUERIES.renew_leases, {"ids": list(ids), "until": until})
    return list(await cursor.fetchall())


async def _by_rows(
    conn: Connection, query: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    if rows:
        parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
        await conn.execute(QUERIES[query], parameters)
