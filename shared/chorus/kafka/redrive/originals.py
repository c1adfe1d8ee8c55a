"""The messages that became dead letters, where they still stand on their topics.

Whoever reads a topic may set messages aside, and could set aside what was never said. What goes
back is held against the topic itself, which only its own writers can write.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chorus.errors import DependencyUnavailable
from chorus.kafka.closing import close_consumer
from chorus.kafka.connection import client_options
from chorus.kafka.redrive.letters import Letter, TimedRecord
from chorus.settings import KafkaSettings

Place = tuple[TopicPartition, int]


async def proven(settings: KafkaSettings, letters: Sequence[Letter]) -> list[Letter]:
    """Those that are, key, value and headers, what still stands where they say that they failed.

    DependencyUnavailable where no broker answers in time.
    """
    places = {letter.place: _place(settings, letter) for letter in letters}
    wanted = [place for place in places.values() if place is not None]
    found = await _originals(settings, wanted) if wanted else {}
    standing = {place: found.get(at) for place, at in places.items() if at is not None}
    return [letter for letter in letters if letter.is_still(standing.get(letter.place))]


def _place(settings: KafkaSettings, letter: Letter) -> Place | None:
    partition, _, offset = letter.failed_at.partition("/")
    if not (partition.isdecimal() and offset.isdecimal()):
        return None
    return TopicPartition(f"{settings.topic_prefix}{letter.origin}", int(partition)), int(offset)


async def _originals(
    settings: KafkaSettings, places: Sequence[Place]
) -> Mapping[Place, TimedRecord]:
    bound = settings.request_timeout_ms / 1000
    consumer = AIOKafkaConsumer(**client_options(settings), fetch_max_wait_ms=200)
    wanted = defaultdict[TopicPartition, set[int]](set)
    for assigned, offset in places:
        wanted[assigned].add(offset)
    found: dict[Place, TimedRecord] = {}
    try:
        async with asyncio.timeout(bound):
            await consumer.start()
            kept = await _partitions(settings, {assigned.topic for assigned in wanted})
        for assigned, offsets in wanted.items():
            if assigned in kept:
                consumer.assign([assigned])
                for record in await _read(consumer, assigned, offsets, bound):
                    found[assigned, record.offset] = record
    except (KafkaError, TimeoutError, OSError) as error:
        raise DependencyUnavailable(f"Kafka did not answer: {error!r}") from error
    finally:
        await close_consumer(consumer, 3.0)
    return found


async def _partitions(settings: KafkaSettings, topics: set[str]) -> set[TopicPartition]:
    """Those that there are; the caller bounds."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        there = topics.intersection(await admin.list_topics())
        described = await admin.describe_topics(sorted(there)) if there else []
    finally:
        await admin.close()
    return {
        TopicPartition(topic["topic"], each["partition"])
        for topic in described
        for each in topic["partitions"]
    }


async def _read(
    consumer: AIOKafkaConsumer, assigned: TopicPartition, offsets: set[int], bound: float
) -> list[TimedRecord]:
    """What of one partition is kept at these offsets; each wait is bounded."""
    async with asyncio.timeout(bound):
        first = (await consumer.beginning_offsets([assigned]))[assigned]
        end = (await consumer.end_offsets([assigned]))[assigned]
    left = sorted(offset for offset in offsets if first <= offset < end)
    found: list[TimedRecord] = []
    while left:
        consumer.seek(assigned, left[0])
        records: list[TimedRecord] = []
        async with asyncio.timeout(bound):
            while not records:
                records = (await consumer.getmany(assigned, timeout_ms=500)).get(assigned, [])
        found += [record for record in records if record.offset in offsets]
        left = [offset for offset in left if offset > records[-1].offset]
    return found
