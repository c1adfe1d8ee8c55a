"""Active hours are wall time in the member's zone, on the days that are not 24 h long too."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chorus_scheduler.domain.hours import ActiveHours, next_open
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
