"""The header Retry-After, read in one place: whoever sent it, it is a wait of a day at most."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chorus.clock import SystemClock
from chorus.errors import LONGEST_WAIT

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", re.ASCII)
_LONGEST = 100


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait, from 0 to 24 h; None where the header says nothing that can be read.

    Whole seconds and a date (held against `now`) are the standard's forms; fractions come as well.
    """
    text = header.strip()[:_LONGEST] if header else ""
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (aware - (now or SystemClock().now())).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
