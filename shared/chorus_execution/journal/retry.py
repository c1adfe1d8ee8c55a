"""Writes without which an execution may not go on or end, however long the database is away."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chorus.postgres.transient import is_transient
from chorus.retry import Pauses, until_done

R = TypeVar("R")
_log = structlog.get_logger()
_FIRST, _LONGEST = 0.05, 2.0


async def until_available(work: Callable[[], Awaitable[R]]) -> R:
    """Do it again with growing pauses until it succeeds or fails for good. Ends by cancellation."""
    pauses = Pauses(first=_FIRST, longest=_LONGEST)
    return await until_done(work, passes=is_transient, waiting=_told, pauses=pauses)


def _told(error: Exception, pause: float) -> None:
    _log.warning("journal.put_off", error=str(error), again_in=pause)
