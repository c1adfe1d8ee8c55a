"""Writes without which an execution may not go on or end, however long the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chorus.postgres.transient import is_transient

R = TypeVar("R")
_log = structlog.get_logger()
_FIRST, _LONGEST = 0.05, 2.0


async def patiently(work: Callable[[], Awaitable[R]]) -> R:
    """Do it again with growing pauses until it succeeds or fails for good. Ends by cancellation."""
    pause = _FIRST
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("journal.waiting", error=str(error), seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST)
