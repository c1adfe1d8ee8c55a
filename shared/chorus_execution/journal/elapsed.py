"""How much time has gone by, by whichever of this machine's clocks says most.

The monotonic clock stands still while a machine is suspended; the one since the start goes on; the
wall clock is set anew after it. What must end in time ends by the first of them.
"""

import time
from typing import NamedTuple

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Instant(NamedTuple):
    """One moment on all clocks, in seconds."""

    monotonic: float
    boot: float
    wall: float


NEVER = Instant(float("-inf"), float("-inf"), float("-inf"))


def now() -> Instant:
    return Instant(time.monotonic(), time.clock_gettime(_SINCE_BOOT), time.time())


def between(start: Instant, end: Instant) -> float:
    """Seconds at most."""
    return max(after - before for before, after in zip(start, end, strict=True))
