"""What browser-repost does with a command: enter it into the journal and end it there."""

from collections.abc import Sequence

import structlog

from chorus import metrics, tracing
from chorus.clock import Clock
from chorus.events import ActivityDue
from chorus.journal import Closing, Journal, Opening, Place
from chorus.kafka.envelope import Received
from chorus.postgres.pool import Connection
from chorus_browser_repost.domain.endings import NOT_AVAILABLE, refused

_log = structlog.get_logger()


class Refusals:
    """Ends every command in the transaction that opens it, so that no row is ever left open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def judge(self, _: Connection, openings: Sequence[Opening]) -> list[Closing]:
        """See `chorus.journal.journal.Judge`."""
        now = self._clock.now()
        return [
            Closing(executed=refused(opening.command, now), traceparent=opening.traceparent)
            for opening in openings
        ]


class Handlers:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def on_activity_due(self, received: Received[ActivityDue]) -> None:
        """Returns when the outcome is committed."""
        command = received.event
        traceparent = tracing.current.get()
        opened = await self._journal.open(Opening(command=command, traceparent=traceparent))
        if opened.place is Place.CLOSED_AT_ONCE:
            _log.info("execution.failed", code=NOT_AVAILABLE.code, error=NOT_AVAILABLE.message)
            labels = (command.kind, "failed", NOT_AVAILABLE.error_type)
            metrics.activities.outcomes.labels(*labels).inc()
