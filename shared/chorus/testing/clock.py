"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """See `chorus.clock.Clock`."""

    def __init__(self, now: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) -> None:
        if now.tzinfo is None:
            raise ValueError("an instant needs a zone")
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a duration, or seconds, and return the new instant. Never goes back."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta(0):
            raise ValueError("time does not go back")
        self._now += step
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Move on to an instant."""
        self.advance(instant - self._now)
