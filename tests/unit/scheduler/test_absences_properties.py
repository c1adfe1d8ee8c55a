"""Absences and hours over every kind of zone: half hours, and days that are not 24 h long."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chorus_scheduler.domain.hours import (
    Absence,
    ActiveHours,
    Window,
    is_open,
    next_open,
    next_window,
    open_until,
    present_from,
    present_in,
)
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, Micros, to_datetime, to_micros
from chorus_scheduler.domain.placement import (
    LONGEST_AWAY,
    Booked,
    NoPlace,
    Placement,
    pace_rule,
    patience,
    place,
)

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",  # half an hour, with summer time
        "Asia/Kathmandu",  # three quarters of an hour
        "Australia/Lord_Howe",  # summer time of half an hour
        "America/Havana",  # midnight comes twice in autumn, and not at all in spring
        "Africa/Cairo",  # midnight does not come on a Friday in April
        "Pacific/Apia",
    ]
).map(ZoneInfo)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
INSTANTS = st.builds(
    lambda day, minute: (
        to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC)) + minute * MINUTE
    ),
    DAYS,
    st.integers(0, 24 * 60 - 1),
)


@st.composite
def absences(draw: st.DrawFn) -> tuple[Absence, ...]:
    """Of a day to three weeks, over each other too."""
    first = draw(st.lists(DAYS, min_size=1, max_size=4))
    lengths = draw(st.lists(st.integers(0, 20), min_size=len(first), max_size=len(first)))
    return tuple(
        Absence(first=day, last=day + timedelta(days=length))
        for day, length in zip(first, lengths, strict=True)
    )


@st.composite
def hours_with_absences(draw: st.DrawFn) -> ActiveHours:
    """Over midnight too, several windows a day, some days alone; or at any time."""
    zone, away = draw(ZONES), draw(absences())
    if draw(st.booleans()):
        return present_in(zone, away)
    return ActiveHours(
        zone=zone,
        opens=draw(TIMES),
        closes=draw(TIMES),
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        others=tuple(draw(st.lists(st.builds(Window, opens=TIMES, closes=TIMES), max_size=2))),
        away=away,
    )


def _away(hours: ActiveHours, at: Micros) -> bool:
    """By the calendar on the wall there, and by nothing else."""
    day = to_datetime(at).astimezone(hours.zone).date()
    return any(each.first <= day <= each.last for each in hours.away)


@given(hours_with_absences(), INSTANTS)
def test_an_absence_is_whole_days_of_the_calendar_there(hours: ActiveHours, at: Micros) -> None:
    """INVARIANT (8): from the first instant of its first day to the last of its last, whatever the
    clocks do at midnight.
    """
    back = present_from(hours, at)
    assert (back == at) == (not _away(hours, at))
    assert not _away(hours, back)
    if back > at:
        assert _away(hours, back - 1)
        assert to_datetime(back).astimezone(hours.zone).date() > (
            to_datetime(back - 1).astimezone(hours.zone).date()
        )


@given(hours_with_absences(), INSTANTS)
def test_what_opens_is_in_the_hours_and_in_no_absence(hours: ActiveHours, at: Micros) -> None:
    """INVARIANT (8): and nothing between is both."""
    try:
        opens = next_open(hours, at)
    except ValueError:
        return  # windows that a spring change swallows, week after week
    assert opens >= at
    assert not _away(hours, opens)
    assert next_window(hours, opens) == opens
    for share in range(1, 8):
        between = at + (opens - at) * share // 8
        if between < opens:
            assert _away(hours, between) or next_window(hours, between) != between


@given(hours_with_absences(), INSTANTS, st.integers(1, 3 * DAY))
def test_hours_end_where_an_absence_begins(hours: ActiveHours, at: Micros, within: Micros) -> None:
    """INVARIANT (8): until then, and not from then on, a call may be made."""
    until = open_until(hours, at, at + within)
    assert at <= until <= at + within
    assert (until > at) == is_open(hours, at)
    if until > at:
        assert is_open(hours, until - 1)
        assert until == at + within or not is_open(hours, until)


@given(
    hours_with_absences(),
    INSTANTS,
    st.lists(st.integers(0, 3 * DAY), min_size=1, max_size=20),
    st.integers(0, 4 * DAY),
)
def test_what_is_placed_waits_for_absences_no_longer_than_the_window(
    hours: ActiveHours, start: Micros, wishes: list[int], window: int
) -> None:
    """INVARIANT (8): placed after the absence, in the hours and at a pace, or not at all."""
    booked, patient = Booked({}), patience(window / 1_000_000)
    pace = pace_rule("post", spread=HOUR, total=len(wishes))
    slots: list[Micros] = []
    for wish in sorted(start + each for each in wishes):
        found = place(wish, rules=(), hours=hours, taken=booked, pace=pace, patience=patient)
        if isinstance(found, Placement):
            assert is_open(hours, found.at)
            assert not _away(hours, found.at)
            if found.at > wish:
                slots.append(found.at)
            continue
        assert isinstance(found, NoPlace)
        if found.decision.code == "absent_too_long":
            assert hours.away
    apart = min(pace.limits[0].window, HOUR) if pace.limits else 0
    moved = sorted(slots)
    assert all(later - earlier >= apart for earlier, later in pairwise(moved))


@given(ZONES, DAYS, st.integers(0, 24 * 60 - 1))
def test_one_day_away_never_ends_anything(zone: ZoneInfo, day: date, minute: int) -> None:
    """A day, 23 or 25 hours long, is not too long for a post of half an hour."""
    hours = present_in(zone, (Absence(first=day, last=day),))
    noon = datetime.combine(day, time(12), tzinfo=zone)
    at = to_micros(noon.astimezone(UTC)) - DAY // 2 + minute * MINUTE
    found = place(at, rules=(), hours=hours, taken=Booked({}), patience=patience(1800))
    assert isinstance(found, Placement)
    assert found.at - at <= LONGEST_AWAY
