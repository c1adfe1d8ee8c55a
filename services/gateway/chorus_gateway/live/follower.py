"""Follows facts from now on, for the live view: no group, no commits, no promise."""

import asyncio
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chorus.errors import UndecodableMessage
from chorus.events import ActivityExecuted, ActivityScheduled, Event
from chorus.kafka.closing import close_consumer
from chorus.kafka.connection import client_options
from chorus.kafka.envelope import decode
from chorus.process.stopping import Stopping
from chorus.retry import Pauses
from chorus.settings import KafkaSettings
from chorus_gateway.live.view import LiveView

_log = structlog.get_logger(__name__)

FOLLOWED: Final[tuple[type[ActivityScheduled] | type[ActivityExecuted], ...]] = (
    ActivityScheduled,
    ActivityExecuted,
)
_MODELS: Final[dict[str, type[Event]]] = {model.type: model for model in FOLLOWED}


class Follower:
    """Hands new facts to the live view. What comes while the broker is lost is not shown."""

    def __init__(self, settings: KafkaSettings, live: LiveView) -> None:
        self._settings = settings
        self._live = live
        self._stopping = Stopping()
        self.following = asyncio.Event()
        """Set while facts arrive."""

    async def run(self) -> None:
        """Follow until stopped; a lost broker is waited for."""
        with self._stopping.running():
            try:
                await self._run()
            finally:
                self.following.clear()

    async def stop(self) -> None:
        """Return once nothing is followed any more."""
        await self._stopping.stop()

    async def _run(self) -> None:
        pauses = Pauses()
        while not self._stopping.told:
            try:
                await self._stopping.unless_told(self._follow())
            except (KafkaError, TimeoutError, OSError) as error:
                if self.following.is_set():
                    pauses.begin_anew()
                self.following.clear()
                pause = pauses.next()
                _log.warning("live.tail_lost", error=repr(error), again_in=pause)
                await self._stopping.pause(pause)

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            *(f"{self._settings.topic_prefix}{model.topic}" for model in FOLLOWED),
            **client_options(self._settings),
            group_id=None,
            auto_offset_reset="latest",
            fetch_max_wait_ms=200,
        )
        try:
            async with asyncio.timeout(self._settings.request_timeout_ms / 1000):
                await consumer.start()
                # Ask where the ends are now, not when the first fetch happens to go out.
                await consumer.seek_to_end()
                for partition in consumer.assignment():
                    await consumer.position(partition)
            self.following.set()
            while True:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    for record in records:
                        self._show(record)
        finally:
            await close_consumer(consumer, 5.0)

    def _show(self, record: object) -> None:
        if not self._live.watched:
            return
        try:
            event = decode(record, _MODELS).event  # type: ignore[arg-type]
        except UndecodableMessage as error:
            _log.warning("live.message_dropped", error=str(error))
            return
        if isinstance(event, ActivityScheduled | ActivityExecuted):
            self._live.publish(event.client_id, event)
