"""Group commit: many callers, one write."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus.telemetry import metrics

_log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """Collects what is submitted and hands it to `flush` in batches, in order of submission.

    With one flusher a batch grows by itself while the one before it is under way, so the wait of
    `max_wait` seconds applies only when nothing is being flushed and the batch is not full.
    A batch that is not full begins `pace` seconds after the one before it at the earliest: who
    comes alone is not held up, and who comes in a crowd shares a flush with more of it.
    `flush` returns one result an item, in the same order. When it raises what does not
    pass by itself its items are flushed again, by halves: that must do no harm.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        max_size: int = 250,
        max_wait: float = 0.002,
        pace: float = 0.0,
        flushers: int = 1,
        name: str,
    ) -> None:
        self._flush = flush
        self._max_size = max_size
        self._max_wait = max_wait
        self._pace = pace
        self._flushers = flushers
        self._queue: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._under_way = 0
        self._began = float("-inf")
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._size = metrics.batcher.size.labels(name)
        self._seconds = metrics.batcher.flush_seconds.labels(name)
        self.name = name

    async def submit(self, item: T) -> R:
        """Hand over an item and wait for its result, or for its error: its own, or one that passes
        by itself and met the whole batch.

        An item that was submitted is flushed even when its caller is cancelled while waiting.
        Raises DependencyUnavailable once the batcher has been stopped.
        """
        if self._stopping:
            raise DependencyUnavailable(f"The batcher {self.name!r} has been stopped.")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        self._arrived.set()
        if len(self._queue) >= self._max_size:
            self._full.set()
        return await future

    async def start(self) -> None:
        """Begin to flush."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"batcher-{self.name}")

    async def stop(self, seconds: float = 10.0) -> None:
        """Flush what is held, for at most `seconds`; what is left then fails."""
        self.request_stop()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(self._task, seconds)
            self._task = None
        self._fail_rest()

    def request_stop(self) -> None:
        """Take nothing more; what is held is still flushed."""
        self._stopping = True
        self._arrived.set()
        self._full.set()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._flushers):
                    group.create_task(self._flush_all(), name=f"batcher-{self.name}-{number}")
        finally:
            self._stopping = True
            self._fail_rest()

    async def _flush_all(self) -> None:
        while True:
            await self._arrived.wait()
            if not self._queue and self._stopping:
                return
            if self._under_way == 0:
                await self._grow()
            batch = self._take()
            if batch:
                await self._flush_one(batch)

    async def _grow(self) -> None:
        """Give an idle batcher's first item `max_wait` seconds of company, in a crowd more."""
        wait = max(self._max_wait, self._began + self._pace - time.perf_counter())
        if wait <= 0 or self._full.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._full.wait()

    def _take(self) -> list[tuple[T, asyncio.Future[R]]]:
        count = min(self._max_size, len(self._queue))
        batch = [self._queue.popleft() for _ in range(count)]
        if not self._stopping:
            if not self._queue:
                self._arrived.clear()
            if len(self._queue) < self._max_size:
                self._full.clear()
        return batch

    async def _flush_one(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        self._under_way += 1
        started = self._began = time.perf_counter()
        try:
            await self._settle(batch)
        except asyncio.CancelledError:
            _fail(batch, DependencyUnavailable(f"The batcher {self.name!r} was cancelled."))
            raise
        finally:
            self._under_way -= 1
            self._size.observe(len(batch))
            self._seconds.observe(time.perf_counter() - started)

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        """Tell every waiter its result or its error. A batch that fails for good is tried by
        halves, in order, until what is bad in it stands alone and ends alone.
        """
        try:
            results = await self._flush([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - every waiter of the batch is told
            if len(batch) == 1 or is_transient(error):
                _fail(batch, error)
                return
            _log.warning(
                "batch.split", batcher=self.name, items=len(batch), error=type(error).__name__
            )
            middle = len(batch) // 2
            await self._settle(batch[:middle])
            await self._settle(batch[middle:])
            return
        if len(results) != len(batch):
            count = f"{len(results)} results came back for {len(batch)} items"
            _fail(batch, RuntimeError(f"{self.name}: {count}"))
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _fail_rest(self) -> None:
        _fail(self._queue, DependencyUnavailable(f"The batcher {self.name!r} has been stopped."))
        self._queue.clear()


def _fail(
    batch: Sequence[tuple[T, asyncio.Future[R]]] | deque[tuple[T, asyncio.Future[R]]],
    error: Exception,
) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
