"""Waiting that ends when the sandbox stops or is reset."""

import asyncio
from collections.abc import Coroutine

from chorus_sandbox.asgi import Request

LONGEST_HOLD_S = 120.0


class ClosingError(Exception):
    """The sandbox stops or is reset: what was held gets no effect any more, and no answer."""


class Waiting:
    def __init__(self) -> None:
        self._closing = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End every wait and every task that runs behind an answer."""
        self._closing.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pause(self, seconds: float) -> None:
        """Sleep. Raises ClosingError when the sandbox stops meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            if not self._closing.is_set():
                return
        raise ClosingError

    async def until(self, event: asyncio.Event, bound_s: float = LONGEST_HOLD_S) -> None:
        """Wait for the event, at most `bound_s`. Raises ClosingError when the sandbox stops."""
        await self._race(event.wait(), bound_s)
        if self._closing.is_set():
            raise ClosingError

    async def until_gone(self, request: Request, bound_s: float = LONGEST_HOLD_S) -> None:
        """Hold a request until its client gives up, at most `bound_s`."""
        await self._race(request.gone(), bound_s)

    async def _race(self, awaited: Coroutine[object, object, object], bound_s: float) -> None:
        first = asyncio.ensure_future(awaited)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait(
                {first, closing}, timeout=bound_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            first.cancel()
            closing.cancel()

    def run_behind(self, work: Coroutine[object, object, None]) -> None:
        """Run `work` after the answer has gone out; it is cancelled when the sandbox stops."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
