"""How long one turn of the event loop takes, in time of this thread's own work.

Not by the clock: on a busy machine a turn of no work at all lasts as long as others let it.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_ORDINARY = 0.008
"""Seconds that `_known_work` takes on an ordinary machine with nothing else to do."""


class LoopProbe:
    """`longest`: the most work, in seconds, that was done between two of its `turns`."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.turns = 0
        self._before = time.thread_time()

    def turn(self) -> None:
        """A turn has begun."""
        now = time.thread_time()
        self.longest = max(self.longest, now - self._before)
        self._before = now
        self.turns += 1


@asynccontextmanager
async def loop_probe(every: float = 0.001) -> AsyncIterator[LoopProbe]:
    """Watch the running loop while the block runs. Garbage is collected rarely, as in the service,
    and what other tests left behind is not counted.
    """
    loop = asyncio.get_running_loop()
    gc.collect()
    gc.disable()
    probe = LoopProbe()
    timer = loop.call_later(every, lambda: None)

    def turn() -> None:
        nonlocal timer
        probe.turn()
        timer = loop.call_later(every, turn)

    turn()
    try:
        yield probe
    finally:
        timer.cancel()
        probe.turn()
        gc.enable()


async def least_held(
    work: Callable[[], Awaitable[object]], *, below: float, tries: int = 3
) -> float:
    """How long a piece of work holds the loop at most, in seconds of a machine of ordinary speed:
    of several tries the least, and no more of them once that is `below`.

    Work by itself takes as long each time. What other processes take from the caches and the core
    is counted with it, and only ever adds; so each try is measured beside a known piece of work.
    """
    least = float("inf")
    for _ in range(tries):
        before = _known_work()
        async with loop_probe() as probe:
            await work()
        slowness = (before + _known_work()) / 2 / _ORDINARY
        least = min(least, probe.longest / max(slowness, 1.0))
        if least < below:
            break
    return least


def _known_work() -> float:
    """How long making and dropping 20,000 small objects takes this thread, in seconds."""
    began = time.thread_time()
    made = [{"number": number, "text": str(number)} for number in range(20_000)]
    del made
    return time.thread_time() - began
