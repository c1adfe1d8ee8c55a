"""Rounds that are made again and again; one that fails is made later, and the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chorus.errors import DependencyUnavailable
from chorus.postgres.transient import is_transient
from chorus.process.stopping import Stopping
from chorus.telemetry import metrics

_log = structlog.get_logger(__name__)

Round = Callable[[], Awaitable[object]]


class Every:
    """Rounds that are made one after the other, and again `seconds` after the last has ended."""

    def __init__(self, seconds: float, *rounds: Round) -> None:
        self.seconds = seconds
        self.rounds = rounds


class Rounds:
    """A loop for each timetable (see `chorus.process.stopping.Loop`).

    A dependency that is away passes. Anything else is a fault: counted, logged with its trace, and
    no reason to take the other rounds, or the process, with it.
    """

    def __init__(self, *timetables: Every) -> None:
        self._timetables = timetables
        self._stopping = Stopping()

    async def run(self) -> None:
        """Make the rounds at once, and then at their times."""
        with self._stopping.running():
            async with asyncio.TaskGroup() as group:
                for each in self._timetables:
                    group.create_task(self._repeat(each))

    async def stop(self) -> None:
        """Return once the round under way has ended."""
        await self._stopping.stop()

    async def _repeat(self, timetable: Every) -> None:
        while not self._stopping.told:
            for each in timetable.rounds:
                if not self._stopping.told:
                    await _make(each)
            await self._stopping.pause(timetable.seconds)


async def _make(each: Round) -> None:
    name = getattr(each, "__qualname__", repr(each))
    try:
        await each()
    except Exception as error:  # noqa: BLE001 - a loop that goes on for ever
        if is_transient(error) or isinstance(error, DependencyUnavailable):
            _log.warning("round.put_off", round=name, error=str(error))
            return
        metrics.process.failed_rounds.labels(name).inc()
        _log.exception("round.failed", round=name)
