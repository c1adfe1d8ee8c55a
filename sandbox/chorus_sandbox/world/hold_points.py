"""Hold points stop a request before its effect, or between its effect and its answer."""

import asyncio
from typing import Literal

from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.state import State
from chorus_sandbox.world.waiting import Waiting

When = Literal["before", "after"]


class HoldPoint:
    """Holds what matches until it is released; from then on it holds nothing more."""

    def __init__(self, *, point_id: str, match: Match, when: When) -> None:
        self.id = point_id
        self.match = match
        self.when: When = when
        self.arrived = 0
        self.held = 0
        self._arrival = asyncio.Event()
        self._released = asyncio.Event()

    async def hold(self, waiting: Waiting) -> None:
        self.arrived += 1
        self.held += 1
        self._arrival.set()
        try:
            await waiting.until(self._released)
        finally:
            self.held -= 1

    async def wait_for(self, count: int, *, within: float = 60.0) -> None:
        """Return when `count` requests have arrived since the hold point was made.

        Raises TimeoutError after `within` seconds.
        """
        async with asyncio.timeout(within):
            while self.arrived < count:
                self._arrival.clear()
                await self._arrival.wait()

    def release(self) -> None:
        self._released.set()

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "match": self.match.as_json(),
            "when": self.when,
            "arrived": self.arrived,
            "held": self.held,
            "released": self._released.is_set(),
        }


class HoldPoints:
    def __init__(self, state: State, waiting: Waiting) -> None:
        self._state = state
        self._waiting = waiting
        self._serial = 0
        self.all: dict[str, HoldPoint] = {}
        self.closed: list[HoldPoint] = []

    def add(self, *, match: Match, when: When) -> HoldPoint:
        self._serial += 1
        point = HoldPoint(point_id=f"hold-point-{self._serial}", match=match, when=when)
        self.all[point.id] = point
        self.closed.append(point)
        return point

    def release(self, point: HoldPoint) -> None:
        point.release()
        if point in self.closed:
            self.closed.remove(point)

    async def pass_through(self, call: Call, when: When) -> None:
        """Wait at every closed hold point that covers the call. Raises ClosingError at the end."""
        for point in list(self.closed):
            if point.when == when and point.match.covers(call, self._state):
                await point.hold(self._waiting)
