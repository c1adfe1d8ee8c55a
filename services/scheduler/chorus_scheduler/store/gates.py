"""The gates' rows: locked for hand-over and settlement."""

from collections.abc import Iterable

from chorus.postgres.pool import Connection
from chorus_scheduler.domain.gates import Gate
from chorus_scheduler.store.rows import QUERIES, as_json


async def lock(conn: Connection, scopes: Iterable[str], *, make: bool) -> dict[str, Gate]:
    """Lock the gates in the order of their names (two lockers never wait for each other)."""
    wanted = sorted(set(scopes))
    if not wanted:
        return {}
    if make:
        await conn.execute(QUERIES.make_gates, {"scopes": wanted})
    cursor = await conn.execute(QUERIES.lock_gates, {"scopes": wanted})
    return {
        row["scope"]: Gate(
            scope=row["scope"],
            uses=tuple(row["uses"]),
            in_flight=frozenset(row["in_flight"]),
        )
        for row in await cursor.fetchall()
    }


async def save(conn: Connection, gates: Iterable[Gate]) -> None:
    """Store gates that were locked in this transaction."""
    rows = [
        {"scope": gate.scope, "uses": gate.uses, "in_flight": list(gate.in_flight)}
        for gate in gates
    ]
    if rows:
        await conn.execute(QUERIES.save_gates, {"rows": as_json(rows)})
