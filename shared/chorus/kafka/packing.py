"""Messages packed by partition before the producer has them: one by one each costs it a future, a
hash and a look at the topic, several times as much as the message itself.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from chorus.kafka.envelope import Outgoing

_SMALL = 64 * 1024
"""Of larger values the producer itself checks whether a broker would take them."""

Acknowledgement = asyncio.Future[object]


@lru_cache(maxsize=16_384)
def partition_of(key: bytes, partitions: int) -> int:
    """Where a key belongs, as every other client of Kafka works it out."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


async def submit(
    producer: AIOKafkaProducer, messages: Sequence[Outgoing], *, prefix: str
) -> list[Acknowledgement]:
    """Give the producer all messages, those of a key in their order; answers what to wait for."""
    acknowledgements: list[Acknowledgement] = []
    try:
        for topic, own in _by_topic(messages).items():
            count = len(await producer.partitions_for(f"{prefix}{topic}"))
            for partition, part in _by_partition(own, count).items():
                await _pack(producer, f"{prefix}{topic}", partition, part, acknowledgements)
    except BaseException:
        watch(acknowledgements)
        raise
    return acknowledgements


def watch(acknowledgements: Iterable[Acknowledgement]) -> None:
    """Read the errors of those that nobody asks any more: one is enough to know."""
    for acknowledgement in acknowledgements:
        acknowledgement.add_done_callback(_read_error)


async def _pack(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    messages: Iterable[Outgoing],
    acknowledgements: list[Acknowledgement],
) -> None:
    builder: BatchBuilder | None = None
    for message in messages:
        if builder is not None and not _fits(builder, message):
            acknowledgements.append(await producer.send_batch(builder, topic, partition=partition))
            builder = None
        if len(message.value) > _SMALL:
            acknowledgements.append(
                await producer.send(
                    topic,
                    message.value,
                    key=message.key,
                    partition=partition,
                    headers=message.headers,
                )
            )
        elif builder is None:
            builder = producer.create_batch()
            _fits(builder, message)
    if builder is not None:
        acknowledgements.append(await producer.send_batch(builder, topic, partition=partition))


def _fits(builder: BatchBuilder, message: Outgoing) -> bool:
    """Append it, where there is room; an empty batch has room for any small message."""
    if len(message.value) > _SMALL:
        return False
    entry = builder.append(
        timestamp=None, key=message.key, value=message.value, headers=message.headers
    )
    return entry is not None


def _by_topic(messages: Sequence[Outgoing]) -> Mapping[str, list[Outgoing]]:
    found: dict[str, list[Outgoing]] = {}
    for message in messages:
        found.setdefault(message.topic, []).append(message)
    return found


def _by_partition(messages: Iterable[Outgoing], count: int) -> Mapping[int, list[Outgoing]]:
    found: dict[int, list[Outgoing]] = {}
    for message in messages:
        found.setdefault(partition_of(message.key, count), []).append(message)
    return found


def _read_error(future: Acknowledgement) -> None:
    if not future.cancelled():
        future.exception()
