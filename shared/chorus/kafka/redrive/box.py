"""The dead letters of one topic on the broker: read, and marked as dealt with.

What a person has dealt with is a committed offset of the group `chorus-redrive` (see
`chorus.kafka.redrive.marks`); the messages themselves stay until their retention ends.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chorus.errors import ConfigurationError, DependencyUnavailable
from chorus.kafka.closing import close_consumer
from chorus.kafka.connection import client_options
from chorus.kafka.consuming.membership import new_consumer
from chorus.kafka.redrive.letters import Letter, letter_of
from chorus.kafka.redrive.marks import Handled
from chorus.settings import KafkaSettings

GROUP: Final = "chorus-redrive"


class DeadLetterBox:
    """All of a topic as it was when it was opened. Not for two people at once: both would send."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        letters: Sequence[Letter],
        marks: dict[TopicPartition, Handled],
    ) -> None:
        self._consumer = consumer
        self._letters = letters
        self._marks = marks

    @property
    def waiting(self) -> list[Letter]:
        """Those that nobody has dealt with, oldest first in each partition."""
        return [letter for letter in self._letters if not self._is_handled(letter)]

    @property
    def handled(self) -> list[Letter]:
        """The others that the broker still keeps."""
        return [letter for letter in self._letters if self._is_handled(letter)]

    async def mark(self, letters: Sequence[Letter]) -> None:
        """Note that these are dealt with. DependencyUnavailable where the broker does not take it.

        ConfigurationError where too many before them still wait, here and there.
        """
        moved = {}
        for assigned, handled in self._marks.items():
            done = [each.offset for each in letters if each.partition == assigned.partition]
            kept = [each.offset for each in self._letters if each.partition == assigned.partition]
            if done:
                moved[assigned] = handled.with_offsets(done, kept=kept)
        try:
            offsets = {each: (mark.position, mark.metadata) for each, mark in moved.items()}
        except ValueError as error:
            raise ConfigurationError(f"Deal with the oldest first: {error}.") from error
        try:
            async with asyncio.timeout(10):
                await self._consumer.commit(offsets)
        except (KafkaError, TimeoutError, OSError) as error:
            raise DependencyUnavailable(f"Kafka did not take the marks: {error!r}") from error
        self._marks |= moved

    def _is_handled(self, letter: Letter) -> bool:
        return any(
            letter.offset in handled
            for assigned, handled in self._marks.items()
            if assigned.partition == letter.partition
        )


@asynccontextmanager
async def opened(settings: KafkaSettings, topic: str) -> AsyncIterator[DeadLetterBox]:
    """Read all of `topic`, a `….dlq` without the installation's prefix.

    DependencyUnavailable where no broker answers in time; a topic that is not there is empty.
    """
    bound = settings.request_timeout_ms / 1000
    consumer = new_consumer(settings, GROUP)
    try:
        try:
            async with asyncio.timeout(bound):
                marks = await _marks(settings, f"{settings.topic_prefix}{topic}")
                await consumer.start()
                consumer.assign(list(marks))
            letters = await _everything(consumer, list(marks), bound) if marks else []
        except (KafkaError, TimeoutError, OSError) as error:
            raise DependencyUnavailable(f"Kafka did not answer: {error!r}") from error
        yield DeadLetterBox(consumer, letters, marks)
    finally:
        await close_consumer(consumer, 3.0)


async def _marks(settings: KafkaSettings, topic: str) -> dict[TopicPartition, Handled]:
    admin = AIOKafkaAdminClient(**client_options(settings), client_id=GROUP)
    try:
        await admin.start()
        if topic not in await admin.list_topics():
            return {}
        [described] = await admin.describe_topics([topic])
        found = [TopicPartition(topic, each["partition"]) for each in described["partitions"]]
        committed = await _committed(admin, f"{settings.group_prefix}{GROUP}")
    finally:
        await admin.close()
    return {
        each: Handled.read(committed[each].offset, committed[each].metadata or "")
        if each in committed
        else Handled()
        for each in sorted(found)
    }


async def _committed(admin: AIOKafkaAdminClient, group: str) -> "dict[TopicPartition, Any]":
    """Of a broker that has only just begun to keep offsets, once it can tell. The caller bounds."""
    while True:
        try:
            return dict(await admin.list_consumer_group_offsets(group))
        except KafkaError as error:
            if not error.retriable:
                raise
        await asyncio.sleep(0.1)


async def _everything(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], bound: float
) -> list[Letter]:
    """From the first message that is kept to the last that is there now; bounded between two."""
    async with asyncio.timeout(bound):
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(list(partitions))
    letters: list[Letter] = []
    while True:
        async with asyncio.timeout(bound):
            left = [each for each in partitions if await consumer.position(each) < ends[each]]
            if not left:
                return sorted(letters, key=lambda each: (each.partition, each.offset))
            batches = await consumer.getmany(*left, timeout_ms=500)
        letters += [
            letter_of(record)
            for assigned, records in batches.items()
            for record in records
            if record.offset < ends[assigned]
        ]
