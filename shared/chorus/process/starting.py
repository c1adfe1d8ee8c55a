"""The time before a service is there: a dependency that is away is waited for, alive and not ready.

A supervisor that restarts a process again and again waits longer each time; one that waits by
itself is back within seconds, and tells by its health and its log what it waits for.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount

from chorus.errors import DependencyUnavailable
from chorus.process.probes import HealthServer
from chorus.retry import until_done
from chorus.settings import ServiceSettings, load

_log = structlog.get_logger(__name__)

Built = TypeVar("Built")

_QUICK = 0.5
"""Seconds after which whoever asks gets an answer; most processes are built by then."""


async def started(build: Callable[[], Awaitable[Built]]) -> Built | None:
    """What `build` makes; None where SIGTERM or SIGINT came first.

    `build` is repeated with growing pauses for as long as it raises DependencyUnavailable, so what
    it opened before that must be closed again. Every other error is raised. Meanwhile `/livez`
    answers 200, and `/readyz` and all else 503. Afterwards the signals are the caller's to handle.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    building = asyncio.ensure_future(_built(build))
    ending = asyncio.ensure_future(told.wait())
    both: set[asyncio.Future[Any]] = {building, ending}
    try:
        await asyncio.wait(both, timeout=_QUICK, return_when=asyncio.FIRST_COMPLETED)
        if not (building.done() or ending.done()):
            await _healthy_until_one_ends(both)
        if told.is_set():
            _log.info("service.start_broken_off")
            return None
        return await building
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _built(build: Callable[[], Awaitable[Built]]) -> Built:
    return await until_done(build, passes=_is_away, waiting=_delayed)


def _is_away(error: Exception) -> bool:
    return isinstance(error, DependencyUnavailable)


def _delayed(error: Exception, pause: float) -> None:
    _log.warning("service.start_delayed", error=str(error), again_in=pause)


async def _healthy_until_one_ends(
    tasks: "set[asyncio.Future[Any]]",
) -> None:
    settings = load(ServiceSettings, service="starting")
    health = HealthServer(settings, {"started": lambda: False}, _nothing_yet())
    await health.start()
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await health.stop()


def _nothing_yet() -> Starlette:
    body = {"status": "failing", "failing": ["started"]}
    return Starlette(routes=[Mount("/", JSONResponse(body, status_code=503))])
