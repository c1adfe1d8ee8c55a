"""What is out: for how long its outcome is waited for, and what is asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Lane, State
from chorus_scheduler.domain.activity import Order
from chorus_scheduler.store.activities import orders_of

SQL = load("chorus_scheduler.store", "leases.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Handed over, and no outcome within the lease."""

    id: UUID
    state: State
    lane: Lane
    execution: int
    journaled: bool
    """An executor has it."""
    dispatched_at: datetime
    gate_scopes: frozenset[str]


async def overdue(conn: Connection, *, now: datetime, limit: int) -> list[Overdue]:
    """Lock what shows no outcome, the oldest lease first; what somebody holds is passed over."""
    cursor = await conn.execute(SQL.overdue_leases, {"now": now, "limit": limit})
    return [
        Overdue(
            id=row["id"],
            state=State(row["state"]),
            lane=Lane(row["lane"]),
            execution=row["execution"],
            journaled=row["journaled"],
            dispatched_at=row["dispatched_at"],
            gate_scopes=frozenset(row["gate_scopes"]),
        )
        for row in await cursor.fetchall()
    ]


async def renew(conn: Connection, ids: Sequence[UUID], *, until: datetime) -> list[Order]:
    """Give those more time that are still out; their orders, to be sent again."""
    if not ids:
        return []
    cursor = await conn.execute(SQL.renew_leases, {"ids": list(ids), "until": until})
    return orders_of(await cursor.fetchall())


async def lengthen(conn: Connection, ids: Sequence[UUID], *, until: datetime) -> None:
    """Give at least so much time."""
    if ids:
        await conn.execute(SQL.lengthen_leases, {"ids": list(ids), "until": until})
