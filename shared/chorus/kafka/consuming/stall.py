"""Whether a consumer stands still although the broker holds messages for it. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a partition. `idle`: it is being fetched and nothing of it is in hand."""

    position: int
    end: int
    idle: bool


class StallDetector(Generic[P]):
    """Reports partitions that stood still for `seconds` with messages left and nothing in hand."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[P, tuple[int, float]] = {}

    def look(self, readings: Mapping[P, Reading], now: float) -> list[P]:
        """Take readings at `now` (seconds of a monotonic clock); return what is stuck."""
        since: dict[P, tuple[int, float]] = {}
        for partition, reading in readings.items():
            if reading.idle and reading.end > reading.position:
                position, started = self._since.get(partition, (reading.position, now))
                if position != reading.position:
                    started = now
                since[partition] = (reading.position, started)
        self._since = since
        return [
            partition for partition, (_, started) in since.items() if now - started >= self._seconds
        ]
