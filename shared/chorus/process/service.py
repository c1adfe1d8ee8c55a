"""A process from start to end: parts start in order, are watched, and stop in reverse order."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
import uvloop
from starlette.types import ASGIApp

from chorus.errors import ChorusError, ConfigurationError, MigrationError
from chorus.process.probes import HealthServer
from chorus.process.starting import started
from chorus.settings import ServiceSettings
from chorus.telemetry import metrics
from chorus.telemetry.declaring import add_process_collectors

_log = structlog.get_logger(__name__)

Step = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a service. `run` ends only when it was told to; `stop` is what tells it."""

    name: str
    start: Step | None = None
    run: Step | None = None
    stop: Step | None = None
    ready: Callable[[], bool] | None = None
    alive: Callable[[], bool] | None = None
    stop_timeout: float = 20.0


class Service:
    """Holds the parts of a process, and serves its health (and `app`, where there is one).

    A part whose `run` ends or raises takes the process down: readiness first, then every part in
    reverse order, then exit code 1. SIGTERM and SIGINT do the same with exit code 0.
    """

    def __init__(self, settings: ServiceSettings, *, app: ASGIApp | None = None) -> None:
        self._settings = settings
        self._app = app
        self._parts: list[Part] = []
        self._started: list[Part] = []
        self._runs: dict[asyncio.Task[object], Part] = {}
        self._end = asyncio.Event()
        self._going_down = False
        self._up = False

    def add(
        self,
        name: str,
        *,
        start: Step | None = None,
        run: Step | None = None,
        stop: Step | None = None,
        ready: Callable[[], bool] | None = None,
        alive: Callable[[], bool] | None = None,
        stop_timeout: float = 20.0,
    ) -> None:
        """Add a part, after those it needs. `ready` and `alive` must not block."""
        self._parts.append(
            Part(
                name=name,
                start=start,
                run=run,
                stop=stop,
                ready=ready,
                alive=alive,
                stop_timeout=stop_timeout,
            )
        )

    def request_stop(self) -> None:
        """Begin to go down, as SIGTERM does."""
        self._going_down = True
        self._end.set()

    async def run(self) -> int:
        """Run until a signal or the death of a part; return the exit code.

        What `start` of a part raises is raised here, after the parts before it were stopped.
        """
        metrics.process.info.labels(self._settings.service, self._settings.instance).set(1)
        health = self._health()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.request_stop)
        announcing: asyncio.Task[None] | None = None
        try:
            await health.start()
            self._watch(Part(name="http"), health.run)
            await self._start_parts()
            announcing = asyncio.create_task(self._announce(health.port), name="announce")
            return await self._supervise()
        finally:
            self._going_down = True
            if announcing is not None:
                announcing.cancel()
            await self._stop_parts()
            await health.stop()
            await self._end_runs()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def is_ready(self) -> bool:
        """Whether every part has started and is ready, and none is going down."""
        return (
            self._up
            and not self._going_down
            and all(part.ready is None or part.ready() for part in self._parts)
        )

    def _health(self) -> HealthServer:
        ready = {part.name: part.ready for part in self._parts if part.ready is not None}
        alive = {part.name: part.alive for part in self._parts if part.alive is not None}
        own = {"started": lambda: self._up, "staying": lambda: not self._going_down}
        return HealthServer(self._settings, own | ready, self._app, alive=alive)

    async def _start_parts(self) -> None:
        for part in self._parts:
            if self._going_down:
                return
            self._started.append(part)
            if part.start is not None and not await self._begun(part.start):
                return
            if part.run is not None:
                self._watch(part, part.run)
        self._up = True
        _log.info("service.started", parts=[part.name for part in self._parts])

    async def _begun(self, start: Step) -> bool:
        """Whether it started. A start that waits for something is broken off at the end."""
        starting, ending = asyncio.ensure_future(start()), asyncio.ensure_future(self._end.wait())
        tasks: set[asyncio.Future[Any]] = {starting, ending}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            return starting.done()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _watch(self, part: Part, run: Step) -> None:
        self._runs[asyncio.ensure_future(run())] = part

    async def _supervise(self) -> int:
        end = asyncio.create_task(self._end.wait(), name="service-end")
        done, _ = await asyncio.wait([end, *self._runs], return_when=asyncio.FIRST_COMPLETED)
        self._going_down = True
        died = [task for task in done if task is not end]
        end.cancel()
        for task in died:
            part = self._runs[task]
            error = None if task.cancelled() else task.exception()
            _log.critical("service.part_died", part=part.name, error=repr(error), exc_info=error)
        if not died:
            _log.info("service.stop_begun")
        return 1 if died else 0

    async def _stop_parts(self) -> None:
        for part in reversed(self._started):
            if part.stop is None:
                continue
            began = time.monotonic()
            try:
                async with asyncio.timeout(part.stop_timeout):
                    await part.stop()
            except TimeoutError:
                _log.error("service.part_stop_timed_out", part=part.name)
            except Exception:  # noqa: BLE001 - the parts after it must still be stopped
                _log.exception("service.part_stop_failed", part=part.name)
            else:
                seconds = round(time.monotonic() - began, 3)
                _log.info("service.part_stopped", part=part.name, seconds=seconds)

    async def _end_runs(self) -> None:
        if not self._runs:
            return
        _, late = await asyncio.wait(self._runs, timeout=1.0)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1.0)

    async def _announce(self, port: int) -> None:
        """Write the ready file once everything is ready."""
        while not self.is_ready():  # noqa: ASYNC110 - readiness is asked for, nobody announces it
            await asyncio.sleep(0.02)
        _log.info("service.ready", port=port)
        if self._settings.ready_file is not None:
            partial = self._settings.ready_file.with_suffix(".partial")
            partial.write_bytes(orjson.dumps({"port": port, "pid": os.getpid()}))
            partial.rename(self._settings.ready_file)


def collect_garbage_rarely() -> None:
    """What was loaded to start with stays; of the rest little is cyclic.

    With Python's own thresholds a busy service spends a tenth of its time looking for cycles: what
    some thousand messages in hand consist of is alive at each look.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def main(build: Callable[[], Awaitable[Service]]) -> int:
    """Build a service and run it on uvloop; return the exit code of the process.

    A database that is away is waited for (`chorus.process.starting`). 2 and one sentence on stderr
    where it cannot start as it is configured, 1 where a part died.
    """

    async def live() -> int:
        service = await started(build)
        if service is None:
            return 0
        collect_garbage_rarely()
        return await service.run()

    try:
        add_process_collectors(metrics.REGISTRY)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(live())
    except (ConfigurationError, MigrationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ChorusError as error:
        _log.critical("service.failed", error=repr(error))
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
