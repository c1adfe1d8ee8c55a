"""What is out and was not heard of for too long is asked for again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics
from chorus.vocabulary import Lane, State
from chorus_scheduler.commands import due_commands
from chorus_scheduler.domain.gates import Lease, kept_after, leave
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import due, gates

_log = structlog.get_logger(__name__)


async def send_again(
    pool: Pool, publisher: Publisher, settings: SchedulerSettings, *, now: datetime
) -> int:
    """Send again what shows no outcome; how many. The execution number stays the same, so an
    executor that has it acts no more, and says again what came of it.

    The lease is short until the broker has the command: what it did not take goes again soon.
    """
    patience = timedelta(seconds=settings.lease_journaled)
    soon = now + timedelta(seconds=settings.lease)
    async with pool.connection() as conn, conn.transaction():
        overdue = await due.overdue_leases(conn, now=now, limit=500)
        waiting = {row["id"] for row in overdue if _in_good_hands(row, now, patience)}
        await due.renew_leases(conn, list(waiting), until=soon)
        lost = [row["id"] for row in overdue if row["id"] not in waiting]
        again = await due.renew_leases(conn, lost, until=soon)
        await _free(conn, [row for row in overdue if _goes_nowhere(row)], now)
    if not again:
        return 0
    await publisher.send(due_commands(again, time=now))
    async with pool.connection() as conn, conn.transaction():
        await due.lengthen_leases(conn, [row["id"] for row in again], until=now + patience)
    for row in again:
        metrics.activities.reclaimed.labels(row["lane"]).inc()
    _log.warning("activities.sent_again", count=len(again))
    return len(again)


def _in_good_hands(row: Mapping[str, Any], now: datetime, patience: timedelta) -> bool:
    return bool(row["journaled"]) and now - row["dispatched_at"] < patience


def _goes_nowhere(row: Mapping[str, Any]) -> bool:
    """Called off, and no executor has it: whoever takes it now will see that it was called off."""
    return row["state"] == State.CANCELLED and not row["journaled"]


async def _free(conn: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Give back the places of what will not act, without waiting for its outcome."""
    locked = await gates.lock(conn, {s for row in rows for s in row["gate_scopes"]}, make=False)
    for row in rows:
        lease = Lease(row["id"], row["execution"], Lane(row["lane"]))
        for scope in locked.keys() & set(row["gate_scopes"]):
            locked[scope] = leave(locked[scope], lease, None, kept_after(scope, to_micros(now)))
    await gates.save(conn, locked.values())
