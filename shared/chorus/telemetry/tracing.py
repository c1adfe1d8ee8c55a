"""W3C Trace Context (`traceparent`), carried by hand: instrumentation loses it in batches."""

import os
import re
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\Z")

current: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The traceparent of what is being handled now."""


def start() -> str:
    """A new trace: `00-<32 hex>-<16 hex>-01`."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def child_of(parent: str | None) -> str:
    """A new span in the parent's trace, or a new trace where the parent is missing or malformed."""
    match = _TRACEPARENT.match(parent) if parent else None
    if match is None:
        return start()
    return f"00-{match[1]}-{os.urandom(8).hex()}-01"


def trace_id(traceparent: str | None) -> str | None:
    """The 32 hex digits that name the trace, or None."""
    match = _TRACEPARENT.match(traceparent) if traceparent else None
    return match[1] if match else None
