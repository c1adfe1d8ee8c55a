"""How long one turn of the event loop takes, in time of this thread's own work.

Not by the clock: on a busy machine a turn of no work at all lasts as long as others let it.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


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
