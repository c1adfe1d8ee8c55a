"""Sweeps: whatever stands still beyond its lease, or was lost on the way, is taken up again."""

from datetime import timedelta

import structlog

from chorus.clock import Clock
from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Pool
from chorus.process.rounds import Every, Rounds
from chorus_scheduler.approval_reminders import ApprovalReminders
from chorus_scheduler.clearing import Clearings
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.holding import Holding
from chorus_scheduler.leases import send_again
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.reconciling import Reconciler
from chorus_scheduler.rescheduling import Unparking
from chorus_scheduler.retention import Retention
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import activities, decisions, gates

_log = structlog.get_logger(__name__)

_UNAPPROVED = reasons.UNAPPROVED()
_NOT_BY_HAND = reasons.SUGGESTION_EXPIRED()


class Sweeper:
    """Three loops: leases, approvals, what comes back and what is cleared every second, posts and
    consents less often, and what is no longer needed.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        publisher: Publisher,
        clock: Clock,
        settings: SchedulerSettings,
        planner: Planner,
        publishing: PublishPlanner,
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._settings = settings
        patience = timedelta(seconds=settings.parked_expires)
        self._unparking = Unparking(pool=pool, clock=clock, parked_expires=patience)
        self.held = Holding(pool=pool, clock=clock, patience=patience).held
        self.reminders = ApprovalReminders(pool=pool, clock=clock, settings=settings).reminders
        self.clearings = Clearings(pool=pool, clock=clock).sweep
        self._reconciler = Reconciler(
            pool=pool,
            publisher=publisher,
            clock=clock,
            settings=settings,
            planner=planner,
            publishing=publishing,
        )
        self.unplanned = self._reconciler.unplanned
        self.unqueued = self._reconciler.unqueued
        self.untold = self._reconciler.untold
        self.consents = self._reconciler.consents
        retention = Retention(pool=pool, clock=clock, settings=settings)
        often = (self.leases, self.approvals, self.parked, self.held, self.clearings)
        rounds = Rounds(
            Every(settings.sweep_seconds, *often),
            Every(
                settings.reconcile_seconds,
                self.unplanned,
                self.unqueued,
                self.untold,
                self.consents,
                self.gates,
                self.reminders,
            ),
            Every(settings.retention_seconds, *retention.rounds),
        )
        self.run, self.stop = rounds.run, rounds.stop

    async def leases(self) -> int:
        """Send again what was handed over and shows no outcome; the execution number stays the
        same.
        """
        return await send_again(self._pool, self._publisher, self._settings, now=self._clock.now())

    async def gates(self) -> int:
        """Free the places in gates that nobody holds any more, should anybody have forgotten."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            freed = await gates.free_forgotten(conn, now=now, limit=500)
        if freed:
            _log.warning("gate.freed", count=freed)
        return freed

    async def approvals(self) -> int:
        """What nobody approved in time is skipped, with its reason."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            skipped = await activities.expire_approvals(
                conn, _UNAPPROVED, by_hand=_NOT_BY_HAND, now=now, limit=500
            )
            why = {each.sentence: each for each in (_UNAPPROVED, _NOT_BY_HAND)}
            await decisions.record(conn, [(about(each), why[each.reason]) for each in skipped])
            await tell_unpublished(conn, skipped, now)
        return len(skipped)

    async def parked(self) -> int:
        """What ended pauses have parked comes back, batch by batch."""
        return await self._unparking.parked()
