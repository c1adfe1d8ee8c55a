"""What came of a look: once for each execution; what is old changes nothing."""

from uuid import UUID, uuid5

import structlog

from chorus.clock import Clock
from chorus.events import Failure, WatchChecked
from chorus.kafka.envelope import Received
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics
from chorus_scheduler.challenges import reason_of, tell_challenged
from chorus_scheduler.domain.gates import account_scope, close
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.watches import After, Watch, after_look
from chorus_scheduler.store import decisions, gates, pauses, watches
from chorus_scheduler.watches.dispatching import about

_log = structlog.get_logger(__name__)


class WatchSettler:
    """Handles `watch.checked`."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def on_watch_checked(self, received: Received[WatchChecked]) -> None:
        """The watch goes on from what was seen, and the account rests where it was asked to."""
        event, now = received.event, self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            watch = await watches.lock(conn, event.watch_id)
            if watch is None or not 0 < event.execution <= watch.execution:
                _disown(event)
                return
            news = watch.unheard and event.execution == watch.execution
            if event.failure is not None and event.failure.challenge:
                if not news and not await watches.met_challenge(conn, event):
                    _disown(event)
                    return
                await _stop(conn, watch, event, event.failure)
            if news:
                after = after_look(watch, event, to_micros(now))
                await watches.settle(conn, event, after, now=now)
                await _rest(conn, watch, after)
                await decisions.record(conn, [(about(watch), after.reason)] if after.told else [])
        _count(event, news=news)


async def _stop(conn: Connection, watch: Watch, event: WatchChecked, failure: Failure) -> None:
    """INVARIANT: a challenge is the account's, whichever look met it, also an old one that the
    executors know of; one look, one pause, and people are called once.
    """
    evidence = {
        "met_by": "watch",
        "watch_id": watch.id,
        "look": event.execution,
        "code": failure.code,
        "message": failure.message,
        "at": event.checked_at,
    }
    pause = await pauses.start_challenged(
        conn,
        pause_id=_pause_id(watch.id, event.execution),
        client_id=watch.client_id,
        account_id=watch.account_id,
        reason=reason_of(failure.message),
        evidence=evidence,
    )
    if pause is not None:
        await tell_challenged(conn, pause)


async def _rest(conn: Connection, watch: Watch, after: After) -> None:
    """Asked to slow down, the account does nothing at all for a while, acts included."""
    if after.rests_until is None:
        return
    scope = account_scope(watch.account_id)
    locked = await gates.lock(conn, {scope}, make=True)
    await gates.save(conn, [close(locked[scope], after.rests_until)])


def _disown(event: WatchChecked) -> None:
    """Somebody tells of a look that the ledger, or the executors' record, knows nothing of."""
    metrics.watches.checks.labels(event.kind, "disowned").inc()
    _log.warning(
        "watch.never_asked_for",
        watch_id=str(event.watch_id),
        execution=event.execution,
        outcome=event.outcome,
    )


def _count(event: WatchChecked, *, news: bool) -> None:
    metrics.watches.checks.labels(event.kind, event.outcome if news else "stale").inc()
    if news:
        metrics.watches.found.labels(event.kind).inc(event.found)


def _pause_id(watch_id: UUID, execution: int) -> UUID:
    return uuid5(watch_id, f"challenge {execution}")
