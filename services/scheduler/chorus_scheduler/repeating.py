"""Rounds that are made again and again; one that fails for a passing reason is made later."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient

_log = structlog.get_logger(__name__)


async def repeat(
    stopping: asyncio.Event, seconds: float, *rounds: Callable[[], Awaitable[int]]
) -> None:
    """Make the rounds every `seconds` until `stopping` is set. Raises what does not pass."""
    while not stopping.is_set():
        for each in rounds:
            try:
                await each()
            except Exception as error:
                if not (is_transient(error) or isinstance(error, DependencyUnavailable)):
                    raise
                _log.warning("round.put_back", round=each.__name__, error=str(error))
        try:
            async with asyncio.timeout(seconds):
                await stopping.wait()
        except TimeoutError:
            continue
