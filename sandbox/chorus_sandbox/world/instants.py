"""Instants as text."""

from datetime import UTC, datetime
from functools import lru_cache


def iso_ms(unix_ms: int) -> str:
    return f"{_second(unix_ms // 1000)}.{unix_ms % 1000:03d}Z"


def iso_us(unix_ns: int) -> str:
    seconds, rest = divmod(unix_ns, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=64)
def _second(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


_UNITS = ((31_536_000, "yr"), (2_592_000, "mo"), (604_800, "w"), (86_400, "d"), (3600, "h"))


def ago(seconds: int) -> str:
    """How LinkedIn shows an age: "now", "5m", "2h", "3d", "1w", "4mo", "1yr"."""
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds // 60}m" if seconds >= 60 else "now"
