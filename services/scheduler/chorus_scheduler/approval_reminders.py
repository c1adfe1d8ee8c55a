"""People are reminded of what waits for a yes, before it ends without one: once an activity.

The notifier tells of each post once. Whoever decides holds the row: what is decided is not reminded
of, and what was reminded of is marked in the transaction that tells of it.
"""

from dataclasses import replace
from datetime import timedelta

from chorus.clock import Clock
from chorus.outbox.store import append
from chorus.postgres.pool import Pool
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity, about
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import activities, decisions

_AT_ONCE = 500


class ApprovalReminders:
    """A sweep."""

    def __init__(self, *, pool: Pool, clock: Clock, settings: SchedulerSettings) -> None:
        self._pool = pool
        self._clock = clock
        self._share = settings.reminder_share
        self._least = timedelta(seconds=settings.reminder_least)

    async def reminders(self) -> int:
        """Tell of what nearly ends. Returns of how many."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            found = await activities.remind_of_approvals(
                conn, now=now, share=self._share, least=self._least, limit=_AT_ONCE
            )
            told = [(each, _ends(each)) for each in found]
            await decisions.record(conn, [(about(each), why) for each, why in told])
            news = [replace(each, reason_code=why.code, reason=why.sentence) for each, why in told]
            await append(conn, "scheduler", [activity_scheduled(each, now) for each in news])
        return len(found)


def _ends(activity: Activity) -> Decision:
    return reasons.APPROVAL_ENDS(until=f"{activity.approval_expires_at:%Y-%m-%d %H:%M} UTC")
