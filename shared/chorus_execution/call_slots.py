"""The waits of an execution: to be among the next, for its instant, for a slot to call (E1).

All end early, with False, when the process must stop: what was not called is given back.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock

_NEXT_AT_LEAST = 96
"""Enough for what falls due in the time that announcements are ahead."""
_ASKS_AGAIN = 1.0
"""Seconds after which a wait asks its clock anew."""


class CallSlots:
    """`next` bounds how many have announced their calls: who waits behind them surely made none."""

    def __init__(self, slots: int, clock: Clock) -> None:
        self.next = TenantSlots(max(_NEXT_AT_LEAST, slots + slots // 2))
        self.calls = TenantSlots(slots)
        self._clock = clock
        self._sleepers: set[asyncio.Future[bool]] = set()
        self.closed = False

    async def until(self, instant: datetime) -> bool:
        """Wait on the own clock; never returns True before the instant. The clock may be set
        meanwhile: it is asked again and again.
        """
        loop = asyncio.get_running_loop()
        while not self.closed:
            left = (instant - self._clock.now()).total_seconds()
            if left <= 0:
                return True
            sleeper: asyncio.Future[bool] = loop.create_future()
            timer = loop.call_later(min(left, _ASKS_AGAIN), _wake, sleeper)
            self._sleepers.add(sleeper)
            try:
                await sleeper
            finally:
                timer.cancel()
                self._sleepers.discard(sleeper)
        return False

    def close(self) -> None:
        """Let nobody begin any more."""
        self.closed = True
        self.next.close()
        self.calls.close()
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(False)


class TenantSlots:
    """A number of slots; tenants take turns at them, and of one tenant first come, first served."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._queues: OrderedDict[UUID, deque[asyncio.Future[bool]]] = OrderedDict()
        self._closed = False

    async def take(self, tenant: UUID) -> bool:
        """Wait for a slot. True: `give` must follow."""
        if self._closed:
            return False
        if self._free > 0:
            self._free -= 1
            return True
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(tenant, deque()).append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():
                self.give()
            raise

    def give(self) -> None:
        while self._queues:
            tenant, queue = self._queues.popitem(last=False)
            waiter = queue.popleft()
            if queue:
                self._queues[tenant] = queue
            if not waiter.done():
                waiter.set_result(True)
                return
        self._free += 1

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed = True
        for queue in self._queues.values():
            for waiter in queue:
                if not waiter.done():
                    waiter.set_result(False)
        self._queues.clear()


def _wake(sleeper: asyncio.Future[bool]) -> None:
    if not sleeper.done():
        sleeper.set_result(True)


class OneAtATime:
    """An account never does two things at once here, be they commands or take-overs."""

    def __init__(self) -> None:
        self._busy: dict[UUID, deque[asyncio.Future[None]]] = {}

    @contextlib.asynccontextmanager
    async def turn_of(self, account: UUID) -> AsyncIterator[None]:
        """The block has the account to itself."""
        await self.enter(account)
        try:
            yield
        finally:
            self.leave(account)

    async def enter(self, account: UUID) -> None:
        """Wait until nothing of this account is under way. `leave` must follow."""
        waiting = self._busy.get(account)
        if waiting is None:
            self._busy[account] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(account)
            raise

    def leave(self, account: UUID) -> None:
        """Let the next one begin."""
        waiting = self._busy[account]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._busy[account]
