"""Rounds that are made again and again; one that fails is made later, and the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus.telemetry import metrics

_log = structlog.get_logger(__name__)


async def repeat(
    stopping: asyncio.Event, seconds: float, *rounds: Callable[[], Awaitable[int]]
) -> None:
    """Make the rounds every `seconds` until `stopping` is set.

    A dependency that is away passes. Anything else is a fault: counted, logged with its trace, and
    no reason to take the other rounds, or the process, with it.
    """
    while not stopping.is_set():
        for each in rounds:
            try:
                await each()
            except Exception as error:  # noqa: BLE001 - a loop that goes on for ever
                if is_transient(error) or isinstance(error, DependencyUnavailable):
                    _log.warning("round.put_back", round=each.__name__, error=str(error))
                    continue
                metrics.activities.failed_rounds.labels(each.__name__).inc()
                _log.exception("round.failed", round=each.__name__)
        try:
            async with asyncio.timeout(seconds):
                await stopping.wait()
        except TimeoutError:
            continue
