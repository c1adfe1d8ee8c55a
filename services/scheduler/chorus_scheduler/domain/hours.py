"""Active hours in the member's own time zone, right across daylight-saving changes."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from chorus_scheduler.domain.instants import Micros, to_datetime, to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveHours:
    """From `opens` to `closes` (local wall time, same day) on `days` (0 = Monday)."""

    zone: tzinfo
    opens: time
    closes: time
    days: frozenset[int] = frozenset(range(7))


def next_open(hours: ActiveHours | None, at: Micros) -> Micros:
    """The first instant >= at that lies in the active hours; `at` itself where there are none.

    Wall times that a spring change skips begin at the change; those that an autumn change repeats
    count from their first occurrence.
    """
    if hours is None:
        return at
    local = to_datetime(at).astimezone(hours.zone)
    for offset in range(9):
        day = (local + timedelta(days=offset)).date()
        if day.weekday() not in hours.days:
            continue
        opens = _instant(datetime.combine(day, hours.opens), hours.zone)
        closes = _instant(datetime.combine(day, hours.closes), hours.zone)
        if at < closes:
            return max(at, opens)
    raise ValueError("active hours must be open on at least one day, and close after they open")


def _instant(wall: datetime, zone: tzinfo) -> Micros:
    return to_micros(wall.replace(tzinfo=zone, fold=0).astimezone(UTC))
