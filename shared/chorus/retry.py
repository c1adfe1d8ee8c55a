"""What failed is tried once more, after a pause that grows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0

R = TypeVar("R")


def delay_before(
    attempt: int, *, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY
) -> float:
    """Seconds before the attempt after `attempt` failed ones: 0.1, 0.2, 0.4 … 5."""
    return min(longest, first * 2.0 ** min(attempt - 1, 16))


class Pauses:
    """The pauses of a loop that goes on for ever: each longer than the one before."""

    def __init__(self, *, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def next(self) -> float:
        """It failed once more: the seconds to wait now."""
        self._failures += 1
        return delay_before(self._failures, first=self._first, longest=self._longest)

    def begin_anew(self) -> None:
        """It succeeded."""
        self._failures = 0


async def until_done(
    work: Callable[[], Awaitable[R]],
    *,
    passes: Callable[[Exception], bool],
    waiting: Callable[[Exception, float], object],
    pauses: Pauses | None = None,
) -> R:
    """The result of `work`, however often it fails with what passes by itself. Every other error
    is raised. `waiting` is told of each failure and the pause that follows. Ends by cancellation.
    """
    pauses = pauses or Pauses()
    while True:
        try:
            return await work()
        except Exception as error:
            if not passes(error):
                raise
            pause = pauses.next()
            waiting(error, pause)
        await asyncio.sleep(pause)
