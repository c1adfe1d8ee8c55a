"""Gates stop a request before its effect, or between its effect and its answer."""

import asyncio
from typing import Literal

from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.state import State
from chorus_sandbox.world.waiting import Waiting

When = Literal["before", "after"]


class Gate:
    """Holds what matches until it is released; from then on it holds nothing more."""

    def __init__(self, *, gate_id: str, match: Match, when: When) -> None:
        self.id = gate_id
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
        """Return when `count` requests have arrived since the gate was made.

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


class Gates:
    def __init__(self, state: State, waiting: Waiting) -> None:
        self._state = state
        self._waiting = waiting
        self._serial = 0
        self.all: dict[str, Gate] = {}
        self.closed: list[Gate] = []

    def add(self, *, match: Match, when: When) -> Gate:
        self._serial += 1
        gate = Gate(gate_id=f"gate-{self._serial}", match=match, when=when)
        self.all[gate.id] = gate
        self.closed.append(gate)
        return gate

    def release(self, gate: Gate) -> None:
        gate.release()
        if gate in self.closed:
            self.closed.remove(gate)

    async def pass_through(self, call: Call, when: When) -> None:
        """Wait at every closed gate that covers the call. Raises ClosingError at the end."""
        for gate in list(self.closed):
            if gate.when == when and gate.match.covers(call, self._state):
                await gate.hold(self._waiting)
