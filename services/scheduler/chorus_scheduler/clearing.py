"""Clearing a queue, in batches: each a transaction that holds its few rows for a moment.

What somebody wants cleared is stored first, so that the sweep goes on where a process died.
"""

from dataclasses import dataclass
from uuid import UUID

from chorus.clock import Clock
from chorus.outbox.store import append
from chorus.postgres.pool import Pool
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import clearings, decisions

BATCH = 200
AT_ONCE = 15
"""Batches in one go: others have their turn."""
_CLEARINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What was done in one go, in activities. `done`: nothing is left of it."""

    removed: int = 0
    stopped: int = 0
    done: bool = False


class Clearings:
    """Carries out what is stored."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def sweep(self) -> int:
        """Go on with what is not done. Returns how many activities were called off."""
        async with self._pool.connection() as conn:
            found = await clearings.unfinished(conn, limit=_CLEARINGS)
        done = [await self.carry_out(clearing_id) for clearing_id in found]
        return sum(each.removed + each.stopped for each in done)

    async def carry_out(self, clearing_id: UUID) -> Progress:
        """Some batches of one clearing, until nothing is left or what is left is held."""
        removed = stopped = 0
        for _ in range(AT_ONCE):
            batch = await self.batch(clearing_id)
            removed, stopped = removed + batch.removed, stopped + batch.stopped
            if batch.done or not batch.removed + batch.stopped:
                return Progress(removed=removed, stopped=stopped, done=batch.done)
        return Progress(removed=removed, stopped=stopped)

    async def batch(self, clearing_id: UUID) -> Progress:
        """One batch; nothing where it is done, or another replica is at it."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            clearing = await clearings.lock(conn, clearing_id)
            if clearing is None:
                return Progress()
            why = reasons.CANCELLED(why=clearing.reason)
            found = await clearings.clear_batch(conn, clearing, why, now=now, limit=BATCH)
            changed = [each.activity for each in found]
            told = [(about(each), why) for each in changed]
            await decisions.record(conn, told, actor=clearing.actor)
            await append(conn, "scheduler", [activity_scheduled(each, now) for each in changed])
            await tell_unpublished(conn, changed, now)
            stopped = sum(each.was_out for each in found)
            progress = Progress(
                removed=len(found) - stopped,
                stopped=stopped,
                done=len(found) < BATCH and not any(await clearings.count(conn, clearing)),
            )
            await clearings.count_cleared(
                conn,
                clearing_id,
                removed=progress.removed,
                stopped=progress.stopped,
                ended=progress.done,
            )
        return progress
