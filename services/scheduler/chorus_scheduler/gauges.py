"""The queue, measured now and then for alerts and for scaling (E8, E9, K4).

Every replica measures the same ledger, so a query over them takes the maximum.
"""

from chorus.clock import Clock
from chorus.postgres.pool import Pool
from chorus.process.rounds import Every, Rounds
from chorus.telemetry import metrics
from chorus.vocabulary import Lane, State
from chorus_scheduler.domain.states import FINAL
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import queue


class QueueGauges:
    """Reads alone. The pool should be one whose plans go by index."""

    def __init__(self, *, pool: Pool, clock: Clock, settings: SchedulerSettings) -> None:
        self._pool = pool
        self._clock = clock
        # Ages often, for they are cheap; the count of everything seldom.
        rounds = Rounds(
            Every(settings.age_seconds, self.ages), Every(settings.depth_seconds, self.depth)
        )
        self.run, self.stop = rounds.run, rounds.stop

    async def ages(self) -> int:
        """How long the oldest due activity of each lane has waited. Returns how many lanes wait.

        `waiting`: no executor has taken it up. `open`: it has no outcome. What a limit put off is
        due later, and no more executors would change that: it does not count.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn:
            oldest = await queue.oldest_due(conn, Lane, now=now)
        for each in oldest:
            for stage, since in (("waiting", each.waiting), ("open", each.open)):
                age = (now - since).total_seconds() if since else 0.0
                metrics.activities.oldest_due_age.labels(each.lane, stage).set(max(0.0, age))
        return sum(each.open is not None for each in oldest)

    async def depth(self) -> int:
        """How many are in which state, and what waits for a person."""
        async with self._pool.connection() as conn:
            found = await queue.depth(conn)
            people = await queue.for_people(conn)
        for state in State:
            if state not in FINAL:
                metrics.activities.depth.labels(state).set(found.get(state, 0))
        metrics.activities.dead_letters.set(people.failed)
        metrics.activities.unknown.set(people.unknown)
        return sum(found.values())
