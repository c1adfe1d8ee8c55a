"""Removes pictures whose time is over (P6)."""

import structlog

from chorus.process.rounds import Every, Rounds
from chorus_execution.journal.evidence import Evidence

_log = structlog.get_logger()


class Retention:
    """At the start, and then every `every` seconds; any number of processes may do it."""

    def __init__(self, store: Evidence, *, keep_seconds: float, every: float = 600.0) -> None:
        self._store = store
        self._keep_seconds = keep_seconds
        rounds = Rounds(Every(every, self.forget))
        self.run, self.stop = rounds.run, rounds.stop

    async def forget(self) -> int:
        """One round; how many are gone."""
        gone = await self._store.forget(keep_seconds=self._keep_seconds)
        if gone:
            _log.info("evidence.forgotten", count=gone)
        return gone
