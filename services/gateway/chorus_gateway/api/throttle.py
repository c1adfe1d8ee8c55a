"""How much may be asked of this process in a second."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from chorus_gateway.domain.principals import Principal
from chorus_gateway.problems import Problem

_REMEMBERED: Final = 10_000
_BURST_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleBounds:
    """Of one process, in the long run; a burst may be ten seconds' worth."""

    per_second: float = 100.0
    """What a team may ask."""
    stops_per_second: float = 10.0
    """What a person or a key may ask that stops something; it does not count for the team."""


class Throttle:
    """Counts requests. A process keeps its own counts: two replicas allow twice as much."""

    def __init__(
        self, bounds: ThrottleBounds | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._bounds = bounds or ThrottleBounds()
        self._teams = _Rate(self._bounds.per_second, now)
        self._stoppers = _Rate(self._bounds.stops_per_second, now)

    def count(self, principal: Principal, *, stops: bool) -> None:
        """A request of theirs. Raises Problem `too_many_requests` with when to come again.

        What others of the team ask keeps nobody from stopping something.
        """
        if stops:
            self._stoppers.count((principal.client_id, principal.actor))
        else:
            self._teams.count(principal.client_id)


class _Rate:
    def __init__(self, per_second: float, now: Callable[[], float]) -> None:
        self._per_second = per_second
        self._now = now
        self._spent: dict[Hashable, tuple[float, float]] = {}

    def count(self, whose: Hashable) -> None:
        now = self._now()
        spent, at = self._spent.get(whose, (0.0, now))
        spent = max(0.0, spent - (now - at) * self._per_second)
        if spent + 1 > self._per_second * _BURST_SECONDS:
            raise Problem("too_many_requests", headers={"Retry-After": "1"})
        if len(self._spent) >= _REMEMBERED:
            self._spent.clear()
        self._spent[whose] = (spent + 1, now)
