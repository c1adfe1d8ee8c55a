"""One process that carries out executions: its heartbeat in the database, its fence, its calls.

A worker whose beats stand still for `dead_after_seconds` is dead to the others (`silence.py`), and
they take over its rows. It must therefore stop calling earlier by itself: `fenced` says so, by this
machine's own clocks (`elapsed.py`), counted from before the last beat that the database confirmed.

The beats go over one session that is kept, with a lock that ends with it: so the others can tell a
process that is gone, and the connections of its calls with it, from one that only stands still.
Which activities it may be calling is committed before the calls (`announce`), together with the
question whether their rows are still its own: what it held besides had no call, and needs no
verification, and what was taken from it meanwhile it does not call. These commits do not wait for
the disk: a crash of the server that loses one starts it anew, and then everything that the worker
held counts as called.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from chorus.batching import Batcher
from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.queries import load
from chorus.postgres.transient import is_transient
from chorus.process.stopping import Stopping
from chorus_execution.journal import elapsed
from chorus_execution.journal.records import AttemptKey
from chorus_execution.journal.retry import until_available

_QUERIES = load("chorus_execution.journal")
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

    @property
    def gone_after_seconds(self) -> float:
        """How long a worker whose session has ended must not have been seen: its fence is closed
        by then, should only the session have ended and not the process.
        """
        return self.fence_seconds + (self.dead_after_seconds - self.fence_seconds) / 4


class Worker:
    """`lapses` counts how often the fence was closed: rows opened before may be another's now."""

    def __init__(self, pool: Pool, *, service: str, instance: str, lease: Lease) -> None:
        self.id = new_id()
        self.lease = lease
        self.lapses = 0
        self._pool = pool
        self._names = {"id": self.id, "service": service, "instance": instance}
        self._session: Connection | None = None
        self._beating: asyncio.Task[None] | None = None
        self._confirmed = elapsed.NEVER
        self._confirmed_now = asyncio.Event()
        self._stopping = Stopping()
        self._calling: set[UUID] = set()
        self._announcing: Batcher[AttemptKey, bool] = Batcher(
            self._announce, max_wait=0.004, pace=0.02, name="journal_announce"
        )

    @property
    def fenced(self) -> bool:
        """Whether this worker must make no call now."""
        return elapsed.between(self._confirmed, elapsed.now()) > self.lease.fence_seconds

    async def until_confirmed(self) -> None:
        """Return at once, or when the database has confirmed this worker again."""
        while self.fenced:
            self._confirmed_now.clear()
            await self._confirmed_now.wait()

    async def announce(self, activity_id: UUID, execution: int = 1) -> bool:
        """Commit that this row may have been called from now on, until it is `settled`.

        False: it is not this worker's any more, and must not be called.
        """
        self._calling.add(activity_id)
        ours = await self._announcing.submit(AttemptKey(activity_id, execution))
        if not ours:
            self._calling.discard(activity_id)
        return ours

    def settled(self, activity_id: UUID) -> None:
        """Its row is closed, or another's: to be said after that is committed, never before.
        Written with the next announcement.
        """
        self._calling.discard(activity_id)

    async def start(self) -> None:
        """Enter this worker; to be done before its first row. Waits for a database that is away."""
        await self._announcing.start()
        await until_available(self._beat)

    async def run(self) -> None:
        """Beat until stopped, through whatever passes by itself."""
        with self._stopping.running():
            await self._run()

    async def _run(self) -> None:
        while not self._stopping.told:
            try:
                await self._beat()
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("worker.beat_failed", error=str(error))
            await self._stopping.pause(self.lease.beat_seconds)

    def request_stop(self) -> None:
        """Begin no beat any more."""
        self._stopping.tell()

    async def stop(self) -> None:
        """Leave: what is still open of this worker is taken over at once, and verified. Where the
        database is away the others find out by its silence.
        """
        self.request_stop()
        self._confirmed = elapsed.NEVER
        await self._announcing.stop()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait({self._beating})
        await self._stopping.stop()
        try:
            async with self._pool.connection() as connection:
                await connection.execute(_QUERIES.forget_worker, {"id": self.id})
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("worker.left_silently", error=str(error))
        finally:
            await self._end_session()

    async def _beat(self) -> None:
        """One beat at a time. One that takes too long is left to end by itself: to break it off
        would end the session, and this worker would look gone while its calls are under way.
        """
        if self._beating is None:
            self._beating = asyncio.create_task(self._confirm(), name="worker-beat")
        beat = self._beating
        await asyncio.wait({beat}, timeout=self.lease.dead_after_seconds)
        if not beat.done():
            raise DependencyUnavailable("The database did not confirm a heartbeat.")
        self._beating = None
        if not beat.cancelled():  # as `stop` does
            await beat

    async def _confirm(self) -> None:
        asked = elapsed.now()
        try:
            session = self._session or await self._begin_session()
            values = {**self._names, "activities": list(self._calling)}
            await session.execute(_QUERIES.register_worker, values)
        except Exception:
            # A session that still stands is kept, or this worker would look gone while it lives.
            if self._session is not None and self._session.closed:
                await self._end_session()
            raise
        away = elapsed.between(self._confirmed, asked)
        if self._confirmed is not elapsed.NEVER and away > self.lease.fence_seconds:
            self.lapses += 1
            _log.warning("worker.lapsed", seconds=round(away, 3))
        self._confirmed = asked
        self._confirmed_now.set()

    async def _begin_session(self) -> Connection:
        session = await self._pool.getconn()
        try:
            await session.execute(_QUERIES.hold_worker, {"id": self.id})
        except BaseException:
            await session.close()
            await self._pool.putconn(session)
            raise
        self._session = session
        return session

    async def _end_session(self) -> None:
        """Its lock must not go back to the pool with it."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await self._pool.putconn(session)

    async def _announce(self, keys: Sequence[AttemptKey]) -> list[bool]:
        values = {
            "id": self.id,
            "activities": list(self._calling),
            "ids": [key.activity_id for key in keys],
            "executions": [key.execution for key in keys],
        }
        session = self._session
        if session is None:
            raise DependencyUnavailable("The worker's session is being made anew.")
        row = await (await session.execute(_QUERIES.announce_calls, values)).fetchone()
        if row is None or not row["registered"]:
            raise DependencyUnavailable("This worker is not in the database any more.")
        return list(row["owned"])
