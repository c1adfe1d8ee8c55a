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
from chorus.settings import KafkaSettings
from chorus_gateway.live import LiveView

_log = structlog.get_logger(__name__)

FOLLOWED: Final[tuple[type[ActivityScheduled] | type[ActivityExecuted], ...]] = (
    ActivityScheduled,
    ActivityExecuted,
)
_MODELS: Final[dict[str, type[Event]]] = {model.type: model for model in FOLLOWED}
_LONGEST_PAUSE: Final = 5.0


class Tail:
    """Hands new facts to the live view. What comes while the broker is lost is not shown."""

    def __init__(self, settings: KafkaSettings, live: LiveView) -> None:
        self._settings = settings
        self._live = live
        self._ending = asyncio.Event()
        self.following = asyncio.Event()
        """Set while facts arrive."""

    async def run(self) -> None:
        """Follow until `stop`."""
        pause = 0.1
        while not self._ending.is_set():
            try:
                await self._follow()
                pause = 0.1
            except (KafkaError, TimeoutError, OSError) as error:
                _log.warning("live.tail_lost", error=repr(error), again_in=pause)
                await self._rest(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                self.following.clear()

    async def stop(self) -> None:
        """Make `run` end soon."""
        self._ending.set()

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
            while not self._ending.is_set():
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
            _log.warning("live.undecodable", error=str(error))
            return
        if isinstance(event, ActivityScheduled | ActivityExecuted):
            self._live.publish(event.client_id, event)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return
