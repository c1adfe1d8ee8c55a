"""Active hours are wall time in the member's zone, on the days that are not 24 h long too."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chorus_scheduler.domain.hours import ActiveHours, Window, is_open, next_open, open_until
from chorus_scheduler.domain.instants import to_datetime, to_micros

BERLIN = ZoneInfo("Europe/Berlin")


def _open(hours: ActiveHours, instant: datetime) -> datetime:
    return to_datetime(next_open(hours, to_micros(instant)))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2026-03-02T07:00", "2026-03-02T08:00"),  # 09:00 in winter is 08:00 UTC
        ("2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-03-02T17:00", "2026-03-03T08:00"),  # closed at 18:00: the next morning
        ("2026-03-28T17:30", "2026-03-29T07:00"),  # the clocks go forward that night
        ("2026-10-24T16:30", "2026-10-25T08:00"),  # and back that night
    ],
)
def test_opens_at_local_wall_time(asked: str, expected: str) -> None:
    """Nine in the morning stays nine in the morning."""
    hours = ActiveHours(zone=BERLIN, opens=time(9), closes=time(18))
    when = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert _open(hours, when) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_closed_days_are_skipped() -> None:
    """From Friday evening to Monday morning."""
    hours = ActiveHours(
        zone=BERLIN, opens=time(9), closes=time(18), days=frozenset({0, 1, 2, 3, 4})
    )
    friday = datetime(2026, 3, 6, 18, tzinfo=UTC)
    assert _open(hours, friday) == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_a_wall_time_that_does_not_exist_opens_at_the_change() -> None:
    """02:30 on the night of the change is 03:30 summer time, 01:30 UTC."""
    hours = ActiveHours(zone=BERLIN, opens=time(2, 30), closes=time(5))
    before = datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert _open(hours, before) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_hours_without_a_day_are_an_error() -> None:
    """Never an endless search."""
    hours = ActiveHours(zone=BERLIN, opens=time(9), closes=time(18), days=frozenset())
    with pytest.raises(ValueError, match="at least one day"):
        next_open(hours, 0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2026-03-06T12:00", "2026-03-06T21:00"),  # Friday noon: this evening, 22:00 in Berlin
        ("2026-03-06T23:30", "2026-03-06T23:30"),
        ("2026-03-07T04:59", "2026-03-07T04:59"),  # Saturday, 05:59 there: still Friday's
        ("2026-03-07T05:00", "2026-03-13T21:00"),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_open(
    asked: str, expected: str
) -> None:
    """Finding B4: 22:00-06:00 on Fridays ends on Saturday morning."""
    hours = ActiveHours(zone=BERLIN, opens=time(22), closes=time(6), days=frozenset({4}))
    when = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert _open(hours, when) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_day_may_have_several_windows() -> None:
    """Finding B4: at noon nobody acts; windows in any order, and within each other."""
    afternoon = Window(opens=time(13), closes=time(18))
    within = Window(opens=time(14), closes=time(15))
    hours = ActiveHours(zone=BERLIN, opens=time(9), closes=time(12), others=(within, afternoon))
    noon = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    assert _open(hours, noon) == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert is_open(hours, to_micros(datetime(2026, 3, 2, 8, 30, tzinfo=UTC)))
    assert not is_open(hours, to_micros(noon))


def test_a_window_that_a_spring_change_swallows_is_looked_for_on_another_day() -> None:
    """From 02:30 (03:30 that night) to 03:15: no instant of that Sunday lies in it."""
    hours = ActiveHours(zone=BERLIN, opens=time(2, 30), closes=time(3, 15), days=frozenset({6}))
    before = datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert _open(hours, before) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "window", "asked", "opens", "closes"),
    [
        # Over the night in which an hour is skipped: 22:00 to 06:00 is seven hours long,
        ("Europe/Berlin", "22-6", "2026-03-28T20", "2026-03-28T21:00", "2026-03-29T04:00"),
        # and nine over the one in which it is repeated.
        ("Europe/Berlin", "22-6", "2026-10-24T19", "2026-10-24T20:00", "2026-10-25T05:00"),
        # Closing in the hour that comes twice closes at its first occurrence; opening in it too.
        ("Europe/Berlin", "22-2", "2026-10-24T19", "2026-10-24T20:00", "2026-10-25T00:00"),
        ("Europe/Berlin", "2-5", "2026-10-24T23", "2026-10-25T00:00", "2026-10-25T04:00"),
        # Closing in the hour that is skipped closes as long after the change.
        ("Europe/Berlin", "22-2", "2026-03-28T20", "2026-03-28T21:00", "2026-03-29T01:00"),
        ("Asia/Kolkata", "22-6", "2026-07-01T12", "2026-07-01T16:30", "2026-07-02T00:30"),
        ("Asia/Kathmandu", "9-17", "2026-07-01T00", "2026-07-01T03:15", "2026-07-01T11:15"),
        # Summer time of half an hour.
        ("Australia/Lord_Howe", "22-6", "2026-04-04T10", "2026-04-04T11:00", "2026-04-04T19:30"),
    ],
)
def test_nights_and_odd_zones(zone: str, window: str, asked: str, opens: str, closes: str) -> None:
    """Overnight windows at both edges of summer time, and zones of half hours."""
    begins, ends = (time(int(each)) for each in window.split("-"))
    hours = ActiveHours(zone=ZoneInfo(zone), opens=begins, closes=ends)
    opened = _open(hours, datetime.fromisoformat(asked).replace(tzinfo=UTC))
    assert opened == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    start = to_micros(opened)
    until = open_until(hours, start, start + 86_400_000_000)
    assert to_datetime(until) == datetime.fromisoformat(closes).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "at", "closes"),
    [
        (("09:00", "18:00"), "2026-03-02T16:59:50", "2026-03-02T17:00:00"),
        (("09:00", "18:00"), "2026-03-02T12:00:00", "2026-03-02T12:00:30"),
        (("09:00", "18:00"), "2026-03-02T17:00:00", "2026-03-02T17:00:00"),
        (("22:00", "06:00"), "2026-03-03T04:59:50", "2026-03-03T05:00:00"),
        (("09:00", "13:00", "13:00", "18:00"), "2026-03-02T11:59:50", "2026-03-02T12:00:20"),
        (("09:00", "13:00", "12:00", "13:00"), "2026-03-02T11:59:50", "2026-03-02T12:00:00"),
        (("00:00", "00:00"), "2026-03-02T22:59:50", "2026-03-02T23:00:20"),
    ],
)
def test_hours_end_where_no_window_goes_on(hours: tuple[str, ...], at: str, closes: str) -> None:
    """INVARIANT (8): a call may be made until then, and for half a minute at most."""
    opens, ends, *others = (time.fromisoformat(each) for each in hours)
    second = (Window(opens=others[0], closes=others[1]),) if others else ()
    active = ActiveHours(zone=BERLIN, opens=opens, closes=ends, others=second)
    start = to_micros(datetime.fromisoformat(at).replace(tzinfo=UTC))
    until = open_until(active, start, start + 30_000_000)
    assert to_datetime(until) == datetime.fromisoformat(closes).replace(tzinfo=UTC)


def test_who_has_no_hours_is_bounded_all_the_same() -> None:
    assert open_until(None, 5, 7) == 7
