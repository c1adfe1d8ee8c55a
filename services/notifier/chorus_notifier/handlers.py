"""What the notifier does with a fact: log it, and tell people what concerns them."""

from typing import Any

import structlog

from chorus.batching import Batcher
from chorus.kafka.envelope import Received
from chorus.telemetry import metrics
from chorus_notifier.domain.notices import notices_of
from chorus_notifier.store import Told

_log = structlog.get_logger()


class Handlers:
    def __init__(self, notifications: Batcher[Told, bool]) -> None:
        self._notifications = notifications

    async def on_fact(self, received: Received[Any]) -> None:
        """Returns when its notifications are committed, or when there is none to write."""
        said = f"{received.source}#{received.id}"
        notices = notices_of(received.event, said)
        _log.debug("fact.heard", told=bool(notices))
        for notice in notices:
            told = Told(
                event_key=notice.key or said,
                happened_at=received.time,
                notice=notice,
            )
            new = await self._notifications.submit(told)
            outcome = "sent" if new else "repeated"
            metrics.notifier.deliveries.labels("in_app", outcome).inc()
