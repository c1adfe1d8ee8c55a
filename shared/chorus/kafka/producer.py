"""Sending to Kafka. `Publisher` is the port; `chorus.testing.FakePublisher` is its fake."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from chorus.errors import DependencyUnavailable
from chorus.kafka.closing import close_producer
from chorus.kafka.connection import client_options
from chorus.kafka.envelope import Outgoing
from chorus.kafka.packing import submit, watch
from chorus.settings import KafkaSettings

_log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """Where messages go."""

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Send all; return when every one is stored for good.

        Messages with the same key keep their order. Raises DependencyUnavailable when that could
        not be had in time: then some may have been stored, and all are to be sent again.
        """
        ...


class EventProducer:
    """An idempotent producer, acks=all, that rebuilds itself after an error it cannot get over."""

    def __init__(self, settings: KafkaSettings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._timeout = settings.request_timeout_ms / 1000
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Connect; `send` does so by itself as well. DependencyUnavailable when nobody answers.

        A service does without it: one that started while the broker is away would end.
        """
        await self._connected()

    async def stop(self) -> None:
        """Send what is under way and disconnect, for at most the request timeout."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer, self._timeout)

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """See `Publisher.send`."""
        if not batch:
            return
        producer = await self._connected()
        try:
            async with asyncio.timeout(self._timeout):
                await self._send(producer, batch)
        except MessageSizeTooLargeError as error:
            raise ValueError(f"A message is too large for the broker: {error}") from error
        except (KafkaError, TimeoutError, OSError) as error:
            await self._discard(producer, error)
            raise DependencyUnavailable(f"Kafka did not take the messages: {error!r}") from error

    async def _send(self, producer: AIOKafkaProducer, batch: Sequence[Outgoing]) -> None:
        acknowledgements = await submit(producer, batch, prefix=self._settings.topic_prefix)
        try:
            for acknowledgement in acknowledgements:
                await acknowledgement
        finally:
            watch(acknowledgements)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **client_options(self._settings),
                    client_id=self._client_id,
                    enable_idempotence=True,
                    acks="all",
                    max_batch_size=131_072,
                )
                try:
                    async with asyncio.timeout(self._timeout):
                        await producer.start()
                except (KafkaError, TimeoutError, OSError) as error:
                    await close_producer(producer, 1.0)
                    raise DependencyUnavailable(f"Kafka did not answer: {error!r}") from error
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer, error: BaseException) -> None:
        """Forget a producer, so that nothing it still holds is sent after its repetition."""
        if self._producer is producer:
            self._producer = None
            _log.warning("kafka.producer_replaced", client_id=self._client_id, error=repr(error))
            await close_producer(producer, 1.0)
