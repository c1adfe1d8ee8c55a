"""The core of an executor as if it were a process: it beats, sweeps, freezes and is killed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Self

from chorus.events import ActivityDue
from chorus.kafka.envelope import Received
from chorus.postgres.pool import Pool
from chorus.settings import PostgresSettings
from chorus_execution.core import Core
from chorus_execution.journal import open_journal_pool
from chorus_sandbox.world.hold_points import HoldPoint, HoldPoints

MakeCore = Callable[[Pool, AsyncExitStack], Awaitable[Core]]
"""Builds a core over a pool; what it opens besides is closed with the stack."""


class CoreProcess:
    """In this process. `kill` is what SIGKILL would leave behind."""

    def __init__(self, dsn: str, make: MakeCore, hold_points: HoldPoints) -> None:
        self._dsn = dsn
        self._make = make
        self._hold_points = hold_points
        self._stack = AsyncExitStack()
        self._beats: asyncio.Task[None]
        self._sweeping: asyncio.Task[None]
        self.core: Core

    async def __aenter__(self) -> Self:
        settings = PostgresSettings(DATABASE_URL=self._dsn, pool_max=6)
        pool = await open_journal_pool(settings, name="test-executor")
        self._stack.push_async_callback(pool.close)
        self.core = await self._make(pool, self._stack)
        await self.core.start()
        self._stack.push_async_callback(self.core.stop)
        self._sweeping = asyncio.create_task(self.core.sweep.run())
        self._stack.push_async_callback(self._swept)
        self.thaw()
        self._stack.push_async_callback(self._still)
        self._stack.push_async_callback(self.core.sweep.stop)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.core.request_stop()
        await self._stack.aclose()

    async def kill(self, handling: Sequence[asyncio.Task[None]]) -> None:
        """Break off what is being handled; neither heartbeat nor record follows."""
        await self.freeze()
        await self.core.worker._end_session()
        await self.core.journal._closing.stop(seconds=0.0)
        died = [*handling, self._sweeping]
        for task in died:
            task.cancel()
        await asyncio.gather(*died, return_exceptions=True)

    async def die_at(self, point: HoldPoint, command: ActivityDue) -> None:
        """Handle the command, and be killed when its call stands at the hold point."""
        handling = asyncio.create_task(self.handle(command))
        await point.wait_for(1)
        await self.kill([handling])
        self._hold_points.release(point)

    async def freeze(self) -> None:
        """The database hears nothing of this worker any more."""
        self._beats.cancel()
        await asyncio.gather(self._beats, return_exceptions=True)

    def thaw(self) -> None:
        """The database hears of it again."""
        self._beats = asyncio.create_task(self.core.worker.run())

    async def _still(self) -> None:
        self.core.worker.request_stop()
        if not self._beats.cancelled():
            await self._beats

    async def _swept(self) -> None:
        """A sweep that died fails the test; one that was killed does not."""
        self._sweeping.cancel()
        for ended in await asyncio.gather(self._sweeping, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def handle(self, command: ActivityDue) -> None:
        """What the consume loop does with the command."""
        await self.core.handlers.on_activity_due(received(command))


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Tasks for as long as the block lasts; one that died fails the test."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


def received(command: ActivityDue) -> Received[ActivityDue]:
    return Received(command, "id", "test", datetime.now(UTC), None, "activity.due.api", 0, 0)
