"""Active hours and absences in the member's own time zone, right across daylight-saving changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from chorus_scheduler.domain.instants import Micros, to_datetime, to_micros

_LOOKED_AHEAD = 23
"""Days: three weeks, for a window may vanish on the one day of a week on which it opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Local wall times; one that closes no later than it opens closes on the next day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Whole local days, the first and the last included, in which nothing is done."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveHours:
    """From `opens` to `closes` (as a `Window`), and in `others`, on `days` (0 = Monday), but for
    what lies in an absence.

    The day of a window is the one on which it opens: 22:00-06:00 on Fridays ends on Saturday,
    unless an absence begins then.
    """

    zone: tzinfo
    opens: time
    closes: time
    days: frozenset[int] = frozenset(range(7))
    others: tuple[Window, ...] = ()
    away: tuple[Absence, ...] = ()


def present_in(zone: tzinfo, away: tuple[Absence, ...]) -> ActiveHours:
    """Any time, but for the absences."""
    return ActiveHours(zone=zone, opens=time(0), closes=time(0), away=away)


def present_from(hours: ActiveHours | None, at: Micros) -> Micros:
    """The first instant >= at that lies in no absence, whatever the hours."""
    here = at
    for begins, ends in _absences(hours):
        if begins <= here < ends:
            here = ends
    return here


def next_open(hours: ActiveHours | None, at: Micros) -> Micros:
    """The first instant >= at that lies in the active hours and in no absence; `at` itself where
    there are none. Raises ValueError where the hours never open.
    """
    slot = at
    while True:
        opens = next_window(hours, present_from(hours, slot))
        slot = present_from(hours, opens)
        if slot == opens:
            return slot


def next_window(hours: ActiveHours | None, at: Micros) -> Micros:
    """The first instant >= at that lies in the active hours, absences or not.

    A wall time that a spring change skips is the one as long after the change; one that an autumn
    change repeats is its first occurrence. Raises ValueError where the hours never open.
    """
    if hours is None:
        return at
    first = to_datetime(at).astimezone(hours.zone).toordinal() - 1  # open since yesterday evening
    for day in range(first, first + _LOOKED_AHEAD):
        found = [max(at, opens) for opens, closes in _openings(hours, day) if at < closes]
        if found:
            return min(found)
    raise ValueError("active hours must be open on at least one day")


def is_open(hours: ActiveHours | None, at: Micros) -> bool:
    """Whether the instant lies in the hours; hours that never open are never open."""
    try:
        return next_open(hours, at) == at
    except ValueError:
        return False


def open_until(hours: ActiveHours | None, at: Micros, latest: Micros) -> Micros:
    """The first instant > at that lies outside the hours; `latest` where none comes before it.

    `at` where they are closed then already; an absence ends them.
    """
    if hours is None:
        return latest
    leaves = [max(begins, at) for begins, ends in _absences(hours) if at < ends]
    latest = min((latest, *leaves))
    until = at
    while until < latest:
        day = to_datetime(until).astimezone(hours.zone).toordinal()
        spans = (*_openings(hours, day - 1), *_openings(hours, day))
        closes = [closes for opens, closes in spans if opens <= until < closes]
        if not closes:
            return until
        until = max(closes)
    return latest


def _absences(hours: ActiveHours | None) -> tuple[tuple[Micros, Micros], ...]:
    """From when to when, sorted; nearly nobody has any."""
    return _spans_away(hours.zone, hours.away) if hours is not None and hours.away else ()


@lru_cache(maxsize=4096)
def _spans_away(zone: tzinfo, away: tuple[Absence, ...]) -> tuple[tuple[Micros, Micros], ...]:
    midnight, day = time(0), timedelta(days=1)
    return tuple(
        sorted(
            (
                _instant(datetime.combine(each.first, midnight), zone),
                _instant(datetime.combine(each.last + day, midnight), zone),
            )
            for each in away
        )
    )


@lru_cache(maxsize=65536)
def _openings(hours: ActiveHours, day: int) -> tuple[tuple[Micros, Micros], ...]:
    """From when to when the hours are open, of what opens on a day.

    Members share few hours, and one plan asks for the same days again and again.
    """
    on = date.fromordinal(day)
    if on.weekday() not in hours.days:
        return ()
    windows = (Window(opens=hours.opens, closes=hours.closes), *hours.others)
    spans = [_span(window, on, hours.zone) for window in windows]
    return tuple(span for span in spans if span[0] < span[1])


def _span(window: Window, on: date, zone: tzinfo) -> tuple[Micros, Micros]:
    until = on if window.opens < window.closes else on + timedelta(days=1)
    return (
        _instant(datetime.combine(on, window.opens), zone),
        _instant(datetime.combine(until, window.closes), zone),
    )


def _instant(wall: datetime, zone: tzinfo) -> Micros:
    return to_micros(wall.replace(tzinfo=zone, fold=0).astimezone(UTC))
