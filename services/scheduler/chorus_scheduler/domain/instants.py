"""Instants as integer microseconds since the Unix epoch: exact at the edges of windows, cheap to
compare.
"""

from datetime import UTC, datetime, timedelta

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z, or a length of time in microseconds."""

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> Micros:
    """An aware datetime as microseconds; exact, without a detour through floats."""
    return (instant - _EPOCH) // _MICROSECOND


def to_datetime(instant: Micros) -> datetime:
    """Microseconds as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=instant)
