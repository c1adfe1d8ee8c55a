"""Slots for jobs: first come, first served, with a deadline, and an end."""

import asyncio
from collections import deque

from chorus_browser_repost.pool.errors import BrowserUnavailable, PoolStopping


class JobSlots:
    """`busy` of `count` are taken; `waiting` jobs stand in line."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.busy = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def waiting(self) -> int:
        return sum(not slot.done() for slot in self._line)

    async def take(self, deadline: float) -> None:
        """Wait for a slot. Raises BrowserUnavailable at the deadline (loop time), PoolStopping."""
        if self._closed:
            raise PoolStopping("The pool of browsers is going down.")
        if self.busy < self.count and not self.waiting:
            self._occupy()
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(slot)
        try:
            async with asyncio.timeout_at(deadline):
                await slot
        except BaseException as error:
            if slot.done() and not slot.cancelled() and slot.exception() is None:
                self.give()  # the slot came in the same moment in which the wait ended
            if isinstance(error, TimeoutError):
                raise BrowserUnavailable("No place in a browser came free in time.") from None
            raise

    def give(self) -> None:
        """Give a slot back: to the first in line, if any."""
        while self._line:
            slot = self._line.popleft()
            if not slot.done():
                slot.set_result(None)
                return
        self.busy -= 1
        if self.busy == 0:
            self._empty.set()

    def close(self) -> None:
        """Let nobody in any more; those in line are told."""
        self._closed = True
        for slot in self._line:
            if not slot.done():
                slot.set_exception(PoolStopping("The pool of browsers is going down."))
        self._line.clear()

    async def empty(self) -> None:
        """Return when no slot is taken."""
        await self._empty.wait()

    def _occupy(self) -> None:
        self.busy += 1
        self._empty.clear()
