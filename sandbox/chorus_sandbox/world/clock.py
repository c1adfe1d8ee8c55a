"""The time of the sandbox, in one place so that tests may move it."""

import time


class Clock:
    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()


class MovableClock(Clock):
    """Stands still until it is moved."""

    def __init__(
        self, *, wall_ns: int = 1_750_000_000_000_000_000, monotonic: float = 1000.0
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic = monotonic

    def wall_ns(self) -> int:
        return self._wall_ns

    def monotonic(self) -> float:
        return self._monotonic

    def move(self, seconds: float) -> None:
        self._wall_ns += int(seconds * 1_000_000_000)
        self._monotonic += seconds
