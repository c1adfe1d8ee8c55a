"""Removes what nobody can use any more: old idempotency keys, tokens, counts of attempts."""

import asyncio
from typing import Final

import psycopg
import structlog

from chorus.postgres.transient import is_transient
from chorus_gateway.store import purging
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)

_BATCH: Final = 1_000


class Purging:
    """Once at the start, and then at every `every` seconds."""

    def __init__(self, database: Database, *, every: float) -> None:
        self._database = database
        self._every = every
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Go on until `stop`. A database that does not answer is tried again the next time."""
        while not self._ending.is_set():
            try:
                await self.once()
            except psycopg.Error as error:
                if not is_transient(error):
                    raise
                _log.warning("purging.put_off", error=repr(error))
            try:
                async with asyncio.timeout(self._every):
                    await self._ending.wait()
            except TimeoutError:
                continue

    async def once(self, *, most: int = _BATCH) -> int:
        """Remove all that is past its time, a transaction for each batch; answers how many."""
        gone = 0
        for what in purging.PURGED:
            batch = most
            while batch == most and not self._ending.is_set():
                async with self._database.nobody() as conn:
                    batch = await purging.purge(conn, what, most=most)
                gone += batch
        return gone

    async def stop(self) -> None:
        """Make `run` end."""
        self._ending.set()
