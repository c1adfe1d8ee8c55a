"""What the tests of the shared package have in common: small events, loops that are watched."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from chorus.events import PostPublished
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.envelope import Outgoing, Received, encode
from chorus.settings import KafkaSettings
from chorus.vocabulary import Platform

TOPIC = "post.published"
GROUP = "readers"


def settings_for(servers: str, prefix: str, **values: Any) -> KafkaSettings:
    """Settings for a broker of the tests, with short sessions."""
    return KafkaSettings(
        **{
            "bootstrap_servers": servers,
            "topic_prefix": prefix,
            "group_prefix": prefix,
            "session_timeout_ms": 3_000,
            "drain_seconds": 3,
            **values,
        }
    )


def post(key: int, number: int) -> PostPublished:
    """An event whose key is `key` and whose text tells its number."""
    return PostPublished(
        platform=Platform.LINKEDIN,
        client_id=uuid.UUID(int=1),
        post_id=uuid.UUID(int=key),
        url=f"https://posts.example/{key}/{number}",
        published_at=datetime.now(UTC),
        source="registered",
        correlation_id=f"{key}/{number}",
    )


def outgoing(key: int, number: int, *, traceparent: str | None = None) -> Outgoing:
    """The same in its envelope."""
    return encode(post(key, number), source="test", time=datetime.now(UTC), traceparent=traceparent)


def stream(keys: int, each: int) -> list[Outgoing]:
    """`each` numbered events for each of `keys` keys, interleaved."""
    return [outgoing(key, number) for number in range(each) for key in range(keys)]


class Reader:
    """A handler that notes what it was given, per key and in order."""

    def __init__(self) -> None:
        self.seen: dict[int, list[int]] = defaultdict(list)
        self.running = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def count(self) -> int:
        return sum(map(len, self.seen.values()))

    async def __call__(self, received: Received[PostPublished]) -> None:
        key, number = map(int, received.event.correlation_id.split("/"))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await self.gate.wait()
            self.seen[key].append(number)
        finally:
            self.running -= 1


def loop_for(settings: KafkaSettings, handler: Any, **values: Any) -> ConsumeLoop:
    """A consume loop of the tests' group with one handler."""
    return ConsumeLoop(settings=settings, group=GROUP, handlers={PostPublished: handler}, **values)


@asynccontextmanager
async def running(loop: ConsumeLoop, within: float = 20.0) -> AsyncIterator[ConsumeLoop]:
    """Run a loop until the block ends. An error of the loop is the block's error."""
    task = asyncio.create_task(loop.run())
    ready = asyncio.create_task(loop.ready.wait())
    try:
        await asyncio.wait([task, ready], timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        assert ready.done(), "the loop did not become ready"
        yield loop
    finally:
        ready.cancel()
        await loop.stop()
        await task


async def committed(settings: KafkaSettings, topic: str = TOPIC) -> int:
    """The sum of the group's committed offsets on a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{settings.group_prefix}{GROUP}")
    finally:
        await admin.close()
    name = f"{settings.topic_prefix}{topic}"
    return sum(place.offset for at, place in offsets.items() if at.topic == name)


async def everything_on(
    settings: KafkaSettings, topic: str, partitions: int = 1
) -> list[ConsumerRecord]:
    """All records of a topic, read without a group, in order within each partition."""
    name = f"{settings.topic_prefix}{topic}"
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        assigned = [TopicPartition(name, number) for number in range(partitions)]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        records: list[ConsumerRecord] = []
        while len(records) < sum(ends.values()):
            for batch in (await consumer.getmany(timeout_ms=1_000)).values():
                records += batch
        return records
    finally:
        await consumer.stop()
