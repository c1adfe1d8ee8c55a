"""The database's clock, carried on by this machine: the one clock of every process.

What is due, late, open or lapsed is a comparison of instants that several machines wrote; where
each goes by its own clock, one that is wrong acts at night, or gives everything back for ever. A
step of this machine's clock changes nothing here.
"""

import time
from datetime import UTC, datetime, timedelta

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from chorus.errors import DependencyUnavailable
from chorus.postgres.pool import Pool
from chorus.postgres.transient import is_transient
from chorus.process.rounds import Every, Rounds
from chorus.telemetry import metrics

EVERY = 30.0
"""Seconds between two measurements."""
FIRST = 3
"""Measurements before the first reading: the quickest of them says most."""
WRONG = 2.0
"""Seconds by which the machine's clock may differ before somebody should hear of it."""
_STEPPED = 0.5
_TICK = 1.0
_ASK = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now"
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_log = structlog.get_logger(__name__)


class Machine:
    """This machine's own clocks, in seconds."""

    def since_boot(self) -> float:
        """Goes on while the machine is suspended, and is never set."""
        return time.clock_gettime(_SINCE_BOOT)

    def wall(self) -> float:
        """Since 1970; may be set to anything."""
        return time.time()


class DatabaseClock:
    """See `chorus.clock.Clock`. Off by at most the time that the last measurement took, and after
    the first ones behind the database's, never ahead.

    `measure` before the first `now`.
    """

    def __init__(self, pool: Pool, *, every: float = EVERY, machine: Machine | None = None) -> None:
        self._pool = pool
        self._every = every
        self._machine = machine or Machine()
        self._ahead: float | None = None
        self._wall_ahead = 0.0
        self._told = False
        self._measured = 0.0
        self._rounds = Rounds(Every(min(_TICK, every), self._look))

    def now(self) -> datetime:
        if self._ahead is None:
            raise RuntimeError("the clock was never measured")
        return _EPOCH + timedelta(seconds=self._machine.since_boot() + self._ahead)

    async def measure(self) -> None:
        """Ask the database what time it is. Raises what the database raises."""
        async with self._pool.connection() as connection:
            asked = self._machine.since_boot()
            row = await (await connection.execute(_ASK)).fetchone()
            answered = self._machine.since_boot()
        if row is None:
            raise DependencyUnavailable("The database did not say what time it is.")
        self.learn(row["now"] / 1e6, asked=asked, answered=answered)

    def learn(self, instant: float, *, asked: float, answered: float) -> None:
        """The database's clock said `instant` between two readings of the time since boot.

        What is held already stays where it is possible by this measurement too, so that a slow
        answer makes it no worse.
        """
        least, most = instant - answered, instant - asked
        if self._ahead is None or not least <= self._ahead <= most:
            self._ahead = least
        self._measured = answered
        self._wall_ahead = self._machine.wall() - self._machine.since_boot()
        self._tell(self._wall_ahead - self._ahead)

    async def run(self) -> None:
        """Measure now and then until stopped, and at once where the machine's clock was set: so it
        is after a machine was suspended. A database that is away is waited for.
        """
        await self._rounds.run()

    async def stop(self) -> None:
        """Return once the measurement under way has ended."""
        await self._rounds.stop()

    async def _look(self) -> None:
        past = self._machine.since_boot() - self._measured
        if past >= self._every or self._was_set():
            await self.measure()

    def _was_set(self) -> bool:
        ahead = self._machine.wall() - self._machine.since_boot()
        return abs(ahead - self._wall_ahead) > _STEPPED

    def _tell(self, offset: float) -> None:
        metrics.process.clock_offset.set(offset)
        wrong = abs(offset) > WRONG
        if wrong and not self._told:
            _log.warning("clock.machine_differed", seconds=round(offset, 3))
        self._told = wrong


async def database_clock(pool: Pool) -> DatabaseClock:
    """A clock that was measured. Raises DependencyUnavailable where the database is away; the pool
    is closed then.
    """
    clock = DatabaseClock(pool)
    try:
        for _ in range(FIRST):
            await clock.measure()
    except (psycopg.Error, PoolTimeout) as error:
        await pool.close(timeout=1)
        if not is_transient(error):
            raise
        raise DependencyUnavailable(f"The database's clock was not heard: {error}") from error
    return clock
