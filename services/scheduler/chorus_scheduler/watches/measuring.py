"""How many watches there are, and whether they are looked after in time."""

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.telemetry import metrics
from chorus_scheduler.store import watches


class WatchGauges:
    """Every replica measures the same rows, so a query over them takes the maximum."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def measure_watches(self) -> int:
        """Returns how many have not ended."""
        now = self._clock.now()
        async with self._pool.connection() as conn:
            found = await watches.measure(conn, now=now)
        age = (now - found.oldest).total_seconds() if found.oldest else 0.0
        metrics.watches.oldest_due_age.set(max(0.0, age))
        metrics.watches.live.labels("well").set(found.well)
        metrics.watches.live.labels("failing").set(found.failing)
        return found.well + found.failing
