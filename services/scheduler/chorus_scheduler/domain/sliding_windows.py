"""Finding the first instant that every limit allows.

A limit is "at most `count` in any `window`".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from chorus_scheduler.domain.instants import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` uses in any half-open window of `window` microseconds.

    A cooldown is a count of 1.
    """

    name: str
    count: int
    window: Micros


def first_free(desired: Micros, taken: Sequence[Micros], limit: Limit) -> Micros:
    """The earliest instant >= desired at which one more use breaks no window of `limit`.

    `taken` is sorted and may hold past and future uses. A block of `count` uses closer together
    than the window forbids (last - window, first + window); the forbidden intervals are sorted by
    both ends, so one pass over them is enough.
    """
    count, window = limit.count, limit.window
    slot = desired
    start = bisect_left(taken, desired - window)
    for first in range(start, len(taken) - count + 1):
        opens = taken[first + count - 1] - window
        if opens >= slot:
            break
        closes = taken[first] + window
        if closes > slot and closes - opens > window:
            slot = closes
    return slot


def used_in_window(at: Micros, taken: Sequence[Micros], limit: Limit) -> int:
    """How many of the sorted `taken` lie in the window that ends at `at`: (at - window, at]."""
    return bisect_right(taken, at) - bisect_right(taken, at - limit.window)
