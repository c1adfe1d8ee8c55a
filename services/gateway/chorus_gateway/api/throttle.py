"""How much one team, and all together, may ask of this process at once and in a second."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chorus_gateway.problems import Problem

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleBounds:
    """Of one process."""

    per_second: float = 100.0
    """What a team may ask in the long run; a burst may be ten seconds' worth."""
    at_once: int = 200
    at_once_of_team: int = 40
    at_once_of_strangers: int = 50
    """Of all who are not signed in (yet): they shut out nobody who is."""
    at_once_of_address: int = 20
    """Of the strangers of one address."""


class Throttle:
    """Counts requests. A process keeps its own counts: two replicas allow twice as much."""

    def __init__(
        self, bounds: ThrottleBounds | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._bounds = bounds or ThrottleBounds()
        self._now = now
        self._spent: dict[UUID, tuple[float, float]] = {}
        self._inside: Counter[UUID] = Counter()
        self._strangers: Counter[str] = Counter()
        self._all = 0

    def count(self, client_id: UUID) -> None:
        """A request of this team. Raises Problem `too_many_requests` with when to come again."""
        per_second = self._bounds.per_second
        now = self._now()
        spent, at = self._spent.get(client_id, (0.0, now))
        spent = max(0.0, spent - (now - at) * per_second)
        if spent + 1 > per_second * 10:
            raise Problem("too_many_requests", headers={"Retry-After": "1"})
        if len(self._spent) >= _REMEMBERED:
            self._spent.clear()
        self._spent[client_id] = (spent + 1, now)

    @contextmanager
    def place_of_stranger(self, address: str) -> Iterator[None]:
        """The same for somebody who has not signed in."""
        if (
            self._strangers.total() >= self._bounds.at_once_of_strangers
            or self._strangers[address] >= self._bounds.at_once_of_address
        ):
            raise Problem("too_many_requests", headers={"Retry-After": "1"})
        self._strangers[address] += 1
        try:
            with self.place(None):
                yield
        finally:
            self._strangers[address] -= 1
            if not self._strangers[address]:
                del self._strangers[address]

    @contextmanager
    def place(self, client_id: UUID | None) -> Iterator[None]:
        """A place among the requests that are being answered, of the team and of all."""
        if self._all >= self._bounds.at_once:
            raise Problem("unavailable", headers={"Retry-After": "1"})
        if client_id and self._inside[client_id] >= self._bounds.at_once_of_team:
            raise Problem("too_many_requests", headers={"Retry-After": "1"})
        self._all += 1
        if client_id:
            self._inside[client_id] += 1
        try:
            yield
        finally:
            self._all -= 1
            if client_id:
                self._inside[client_id] -= 1
                if not self._inside[client_id]:
                    del self._inside[client_id]
