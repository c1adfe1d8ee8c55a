"""Removes pictures whose time is over (P6)."""

import asyncio

import structlog

from chorus.postgres.transient import is_transient
from chorus_execution.journal.evidence import Evidence

_log = structlog.get_logger()


class Retention:
    """At the start, and then every `every` seconds; any number of processes may do it."""

    def __init__(self, store: Evidence, *, keep_seconds: float, every: float = 600.0) -> None:
        self._store = store
        self._keep_seconds = keep_seconds
        self._every = every
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Go on until `stop`. A database that does not answer is tried again the next time."""
        while not self._ending.is_set():
            try:
                gone = await self._store.forget(keep_seconds=self._keep_seconds)
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("evidence.retention_put_off", error=type(error).__name__)
            else:
                if gone:
                    _log.info("evidence.forgotten", count=gone)
            try:
                async with asyncio.timeout(self._every):
                    await self._ending.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Make `run` end."""
        self._ending.set()
