"""What is out and was not heard of for too long is asked for again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics
from chorus.vocabulary import State
from chorus_scheduler.domain.gates import Lease, kept_after, leave
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.messages import due_commands
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import gates, leases
from chorus_scheduler.store.leases import Overdue

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
        overdue = await leases.overdue(conn, now=now, limit=500)
        waiting = {each.id for each in overdue if _in_good_hands(each, now, patience)}
        await leases.renew(conn, list(waiting), until=soon)
        lost = [each.id for each in overdue if each.id not in waiting]
        again = await leases.renew(conn, lost, until=soon)
        await _free(conn, [each for each in overdue if _goes_nowhere(each)], now)
    if not again:
        return 0
    await publisher.send(due_commands(again, time=now))
    async with pool.connection() as conn, conn.transaction():
        await leases.lengthen(conn, [order.id for order in again], until=now + patience)
    for order in again:
        metrics.activities.reclaimed.labels(order.lane).inc()
    _log.warning("activity.sent_again", count=len(again))
    return len(again)


def _in_good_hands(each: Overdue, now: datetime, patience: timedelta) -> bool:
    return each.journaled and now - each.dispatched_at < patience


def _goes_nowhere(each: Overdue) -> bool:
    """Called off, and no executor has it: whoever takes it now will see that it was called off."""
    return each.state is State.CANCELLED and not each.journaled


async def _free(conn: Connection, nowhere: Sequence[Overdue], now: datetime) -> None:
    """Give back the places of what will not act, without waiting for its outcome."""
    locked = await gates.lock(conn, {s for each in nowhere for s in each.gate_scopes}, make=False)
    for each in nowhere:
        lease = Lease(each.id, each.execution, each.lane)
        for scope in locked.keys() & each.gate_scopes:
            locked[scope] = leave(locked[scope], lease, None, kept_after(scope, to_micros(now)))
    await gates.save(conn, locked.values())
