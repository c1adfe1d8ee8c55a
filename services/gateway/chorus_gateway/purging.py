"""Removes what nobody can use any more: old idempotency keys, tokens, counts of attempts."""

from typing import Final

import structlog

from chorus.process.rounds import Every, Rounds
from chorus_gateway.store import purging
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)

_BATCH: Final = 1_000


class Purging:
    """Once at the start, and then at every `every` seconds."""

    def __init__(self, database: Database, *, every: float) -> None:
        self._database = database
        rounds = Rounds(Every(every, self.once))
        self.run, self.stop = rounds.run, rounds.stop

    async def once(self, *, most: int = _BATCH) -> int:
        """Remove all that is past its time, a transaction for each batch; answers how many."""
        gone = 0
        for what in purging.PURGED:
            batch = most
            while batch == most:
                async with self._database.nobody() as conn:
                    batch = await purging.purge(conn, what, most=most)
                gone += batch
        return gone
