"""How far the network's clock is from ours, as its answers say. It decides nothing: it is told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

from chorus.clock import Clock
from chorus.telemetry import metrics

_log = structlog.get_logger()

WRONG = timedelta(seconds=30)
"""From here on somebody should look which of the two it is."""
_HALF_A_SECOND = timedelta(seconds=0.5)


class NetworkClock:
    """Warns once each time that the two begin to differ."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = False

    def heard(self, headers: Mapping[str, str]) -> None:
        """An answer has just come. One without a readable `Date` says nothing."""
        said = _date_of(headers.get("Date"))
        if said is None:
            return
        ahead = said + _HALF_A_SECOND - self._clock.now()
        metrics.process.network_clock_offset.set(ahead.total_seconds())
        wrong = abs(ahead) > WRONG
        if wrong and not self._told:
            _log.warning("network.clock_differed", seconds=round(ahead.total_seconds(), 1))
        self._told = wrong


def _date_of(text: str | None) -> datetime | None:
    """Whole seconds, cut off."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, OverflowError):
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
