"""One process that carries out executions: its heartbeat in the database, and its fence.

A worker that the database has not heard of for `dead_after_seconds` is dead to the others, and they
take over its rows. It must therefore stop calling earlier by itself: `fenced` says so, by this
machine's monotonic clock, counted from before the last beat that the database confirmed.
"""

import asyncio
import time
from dataclasses import dataclass

import structlog

from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.postgres.pool import Pool
from chorus.postgres.queries import load
from chorus.postgres.transient import is_transient

_QUERIES = load("chorus.journal")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Seconds. The fence must close well before others take a worker for dead."""

    beat_seconds: float = 1.0
    fence_seconds: float = 2.0
    dead_after_seconds: float = 3.0

    def __post_init__(self) -> None:
        if not self.beat_seconds < self.fence_seconds < self.dead_after_seconds:
            raise ValueError("a lease needs beat < fence < dead_after")


class Worker:
    """`lapses` counts how often the fence was closed: rows opened before may be another's now."""

    def __init__(self, pool: Pool, *, service: str, instance: str, lease: Lease) -> None:
        self.id = new_id()
        self.lease = lease
        self.lapses = 0
        self._pool = pool
        self._names = {"id": self.id, "service": service, "instance": instance}
        self._confirmed = float("-inf")
        self._confirmed_now = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def fenced(self) -> bool:
        """Whether this worker must make no call now."""
        return time.monotonic() - self._confirmed > self.lease.fence_seconds

    async def until_confirmed(self) -> None:
        """Return at once, or when the database has confirmed this worker again."""
        while self.fenced:
            self._confirmed_now.clear()
            await self._confirmed_now.wait()

    async def start(self) -> None:
        """Enter this worker; to be done before its first row."""
        await self._beat()

    async def run(self) -> None:
        """Beat until stopped, through whatever passes by itself."""
        while not self._stopping.is_set():
            try:
                await self._beat()
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("worker.beat_failed", error=str(error))
            try:
                async with asyncio.timeout(self.lease.beat_seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def request_stop(self) -> None:
        self._stopping.set()

    async def stop(self) -> None:
        """Leave: what is still open of this worker is taken over at once, and verified."""
        self.request_stop()
        self._confirmed = float("-inf")
        async with self._pool.connection() as connection:
            await connection.execute(_QUERIES.forget_worker, {"id": self.id})

    async def _beat(self) -> None:
        asked = time.monotonic()
        try:
            async with asyncio.timeout(self.lease.dead_after_seconds):
                async with self._pool.connection() as connection:
                    await connection.execute(_QUERIES.register_worker, self._names)
        except TimeoutError as error:
            raise DependencyUnavailable("The database did not confirm a heartbeat.") from error
        if self._confirmed > float("-inf") and asked - self._confirmed > self.lease.fence_seconds:
            self.lapses += 1
            _log.warning("worker.lapsed", seconds=round(asked - self._confirmed, 3))
        self._confirmed = asked
        self._confirmed_now.set()
