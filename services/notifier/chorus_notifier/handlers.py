"""What the notifier does with a fact: log it, and tell people what concerns them."""

from typing import Any

import structlog

from chorus.batching import Batcher
from chorus.kafka.envelope import Received
from chorus.telemetry import metrics
from chorus_notifier.domain.notices import notice_of
from chorus_notifier.store import Told

_log = structlog.get_logger()


class Handlers:
    def __init__(self, notifications: Batcher[Told, bool]) -> None:
        self._notifications = notifications

    async def on_fact(self, received: Received[Any]) -> None:
        """Returns when the notification is committed, or when there is none to write."""
        notice = notice_of(received.event)
        _log.debug("fact.heard", told=notice is not None)
        if notice is None:
            return
        told = Told(
            event_key=f"{received.source}#{received.id}",
            happened_at=received.time,
            notice=notice,
        )
        new = await self._notifications.submit(told)
        outcome = "sent" if new else "repeated"
        metrics.notifier.deliveries.labels("in_app", outcome).inc()
