"""Instants as text."""

from datetime import UTC, datetime


def iso_ms(unix_ms: int) -> str:
    stamp = datetime.fromtimestamp(unix_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{unix_ms % 1000:03d}Z"


def iso_us(unix_ns: int) -> str:
    seconds, rest = divmod(unix_ns, 1_000_000_000)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{rest // 1000:06d}Z"
