"""The gates' rows: locked for hand-over and settlement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Lane
from chorus_scheduler.domain.gates import Gate, Lease, kept_after, leave
from chorus_scheduler.domain.instants import Micros, to_micros
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "gates.sql")


async def lock(conn: Connection, scopes: Iterable[str], *, make: bool) -> dict[str, Gate]:
    """Lock the gates in the order of their names (two lockers never wait for each other)."""
    wanted = sorted(set(scopes))
    if not wanted:
        return {}
    found: dict[str, Gate] = {}
    while True:
        if make:
            await conn.execute(SQL.make_gates, {"scopes": wanted})
        cursor = await conn.execute(SQL.lock_gates, {"scopes": wanted})
        found |= {row["scope"]: _gate(row) for row in await cursor.fetchall()}
        wanted = [scope for scope in wanted if scope not in found]
        if not make or not wanted:
            return found  # one that was deleted as unused between the two is made once more


async def read(conn: Connection, scopes: Sequence[str]) -> dict[str, Gate]:
    """As they are now, without a lock: for who only looks."""
    cursor = await conn.execute(SQL.read_gates, {"scopes": list(scopes)})
    return {row["scope"]: _gate(row) for row in await cursor.fetchall()}


async def save(conn: Connection, gates: Iterable[Gate]) -> None:
    """Store gates that were locked in this transaction."""
    rows = [
        {
            "scope": gate.scope,
            "uses": gate.uses,
            "in_flight": [_stored(lease) for lease in gate.in_flight],
            "closed_until": gate.closed_until,
        }
        for gate in gates
    ]
    if rows:
        await conn.execute(SQL.save_gates, {"rows": as_json(rows)})


async def free_forgotten(conn: Connection, *, now: datetime, limit: int) -> int:
    """Take out of the gates what no activity has out any more. Returns how many places are free.

    A hand-over writes activity and gate in one transaction: who holds the gate's lock and does
    not see the activity out sees a place that nobody will ever give back.
    """
    cursor = await conn.execute(SQL.suspect_gates, {"limit": limit})
    locked = await lock(conn, [row["scope"] for row in await cursor.fetchall()], make=False)
    held = {lease for gate in locked.values() for lease in gate.in_flight}
    if not held:
        return 0
    cursor = await conn.execute(
        SQL.out_executions, {"ids": list({lease.activity_id for lease in held})}
    )
    rows = {row["id"]: row for row in await cursor.fetchall()}
    changed = [_without_forgotten(gate, rows, to_micros(now)) for gate in locked.values()]
    freed = [gate for gate in changed if gate is not locked[gate.scope]]
    await save(conn, freed)
    return sum(len(locked[gate.scope].in_flight) - len(gate.in_flight) for gate in freed)


def _without_forgotten(gate: Gate, rows: Mapping[UUID, Row], now: Micros) -> Gate:
    """What may have had an effect is a use all the same; its instant is lost."""
    left = gate
    for lease in gate.in_flight:
        row = rows.get(lease.activity_id)
        if row is None or lease.execution not in row["unheard"]:
            used = now if row is not None and row["effect"] != "none" else None
            left = leave(left, lease, used, kept_after(gate.scope, now))
    return left


def _gate(row: Row) -> Gate:
    return Gate(
        scope=row["scope"],
        uses=tuple(row["uses"]),
        in_flight=frozenset(_lease(stored) for stored in row["in_flight"]),
        closed_until=row["closed_until"],
    )


def _stored(lease: Lease) -> str:
    return f"{lease.activity_id}/{lease.execution}/{lease.lane}"


def _lease(stored: str) -> Lease:
    activity_id, execution, lane = stored.split("/")
    return Lease(UUID(activity_id), int(execution), Lane(lane))
