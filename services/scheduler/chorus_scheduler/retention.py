"""What the scheduler no longer needs is deleted, in small batches (docs/operations.md)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.telemetry import metrics
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store.retention import Table, delete_old, delete_unused_gates

_BATCH = 1000
_BATCHES = 20
"""So many batches of one table at most in a round: others have their turn."""
_UNUSED_AFTER = timedelta(hours=25)
"""No window is longer than a day and its slack."""
_POST_PLANS = timedelta(days=30)
"""The sweep looks a week back; the event of a post is kept for a week."""
_INTERRUPTIONS = timedelta(days=30)
_CLEARINGS = timedelta(days=30)
_WATCHES = timedelta(days=30)
"""One that ended and begins anew within this time keeps its counts."""


class Retention:
    """One round a table."""

    def __init__(self, *, pool: Pool, clock: Clock, settings: SchedulerSettings) -> None:
        self._pool = pool
        self._clock = clock
        self._history = timedelta(days=settings.history_days)
        self._after_scope = ""
        self.rounds: tuple[Callable[[], Awaitable[int]], ...] = (
            self.gates,
            self.decisions,
            self.plans,
            self.post_plans,
            self.interruptions,
            self.watches,
            self.clearings,
        )

    async def gates(self) -> int:
        """Gates that nothing holds and whose uses no window sees any more; a page at a time."""
        unused = to_micros(self._clock.now() - _UNUSED_AFTER)
        gone = 0
        for _ in range(_BATCHES):
            async with self._pool.connection() as conn:
                page = await delete_unused_gates(
                    conn, after=self._after_scope, unused=unused, limit=_BATCH
                )
            if page.last is None:
                self._after_scope = ""
                break
            self._after_scope = page.last
            gone += page.gone
        metrics.activities.deleted.labels("limit_gates").inc(gone)
        return gone

    async def decisions(self) -> int:
        """Decisions of long ago."""
        return await self._delete("decisions", self._history)

    async def plans(self) -> int:
        """Plans of long ago whose events are told: their decisions go with them."""
        return await self._delete("plans", self._history)

    async def post_plans(self) -> int:
        """That a post was planned matters for as long as it might be planned again."""
        return await self._delete("post_plans", _POST_PLANS)

    async def interruptions(self) -> int:
        """What was late by one has long been placed."""
        return await self._delete("interruptions", _INTERRUPTIONS)

    async def watches(self) -> int:
        """What ended long ago is shown to nobody."""
        return await self._delete("watches", _WATCHES)

    async def clearings(self) -> int:
        """Its decisions and its audit row tell of it for longer."""
        return await self._delete("clearings", _CLEARINGS)

    async def _delete(self, table: Table, keep: timedelta) -> int:
        gone = 0
        for _ in range(_BATCHES):
            before = self._clock.now() - keep
            async with self._pool.connection() as conn:
                deleted = await delete_old(conn, table, before=before, limit=_BATCH)
            gone += deleted
            if deleted < _BATCH:
                break
        metrics.activities.deleted.labels(table).inc(gone)
        return gone
