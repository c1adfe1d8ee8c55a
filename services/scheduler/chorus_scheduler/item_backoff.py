"""Items of a sweep that failed: each backs off by itself, later and later; none stops the
others.
"""

from datetime import datetime, timedelta
from uuid import UUID

_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)
_REMEMBERED = 10_000


class ItemBackoff:
    """What failed, how often, and when it is tried again. Of one process: a start tries all."""

    def __init__(self) -> None:
        self._failed: dict[UUID, tuple[int, datetime]] = {}

    def waiting(self, now: datetime) -> list[UUID]:
        """Those that are not to be tried yet."""
        return [item for item, (_, again) in self._failed.items() if again > now]

    def failed(self, item: UUID, now: datetime) -> tuple[int, datetime]:
        """It failed once more: how often so far, and when it is tried again."""
        times = self._failed.pop(item, (0, now))[0] + 1
        again = now + min(_LONGEST, _FIRST * 2 ** min(times - 1, 10))
        if len(self._failed) >= _REMEMBERED:
            del self._failed[next(iter(self._failed))]
        self._failed[item] = (times, again)
        return times, again

    def done(self, item: UUID) -> None:
        """It went well."""
        self._failed.pop(item, None)
