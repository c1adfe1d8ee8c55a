"""Sends copies of what is in the topics, late and in another order: a process of its own.

A copy bears a header and is not copied again. `python -m tests.chaos.echo SERVERS SEED FILE`; the
number of copies is kept in the file. A broker that is away is waited for. It ends when its standard
input does, so that it never outlives who started it.
"""

import asyncio
import heapq
import os
import random
import sys
import threading
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chorus.errors import DependencyUnavailable
from chorus.kafka.closing import close_consumer
from chorus.kafka.connection import client_options
from chorus.kafka.envelope import Outgoing
from chorus.kafka.producer import EventProducer
from chorus.settings import KafkaSettings, load

TOPICS = ("activity.due.api", "activity.executed", "post.published", "post.queued")
COPIED = 0.6
"""The share of messages that come again."""
LATEST_S = 8.0
_MARK = ("x-copy", b"1")


class Echo:
    def __init__(self, settings: KafkaSettings, *, seed: int, count_file: Path) -> None:
        self._settings = settings
        self._luck = random.Random(seed)
        self._count_file = count_file
        self._held: list[tuple[float, float, Outgoing]] = []
        self._positions: dict[TopicPartition, int] = {}
        self._copies = 0

    async def run(self) -> None:
        producer = EventProducer(self._settings, client_id="echo")
        while True:
            try:
                await self._follow(producer)
            except (KafkaError, DependencyUnavailable, TimeoutError, OSError) as error:
                sys.stderr.write(f"echo: {error!r}\n")
                await asyncio.sleep(0.5)

    async def _follow(self, producer: EventProducer) -> None:
        consumer = AIOKafkaConsumer(
            **client_options(self._settings), group_id=None, auto_offset_reset="earliest"
        )
        try:
            async with asyncio.timeout(10):
                await consumer.start()
                await self._assign(consumer)
            while True:
                await self._turn(consumer, producer)
        finally:
            await close_consumer(consumer, 1.0)

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        numbers = range(self._settings.partitions)
        partitions = [TopicPartition(topic, number) for topic in TOPICS for number in numbers]
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, self._positions.get(partition, 0))

    async def _turn(self, consumer: AIOKafkaConsumer, producer: EventProducer) -> None:
        now = asyncio.get_running_loop().time()
        for partition, records in (await consumer.getmany(timeout_ms=100)).items():
            for record in records:
                self._positions[partition] = record.offset + 1
                if _MARK not in record.headers and self._luck.random() < COPIED:
                    copy = Outgoing(
                        record.topic, record.key, record.value, [*record.headers, _MARK]
                    )
                    at = now + self._luck.uniform(0.05, LATEST_S)
                    heapq.heappush(self._held, (at, self._luck.random(), copy))
        due = []
        while self._held and self._held[0][0] <= now:
            due.append(heapq.heappop(self._held))
        self._luck.shuffle(due)
        async with asyncio.timeout(10):
            await producer.send([copy for _, _, copy in due])
        self._copies += len(due)
        # It may be killed at any moment: what is read is whole.
        whole = self._count_file.with_suffix(".new")
        whole.write_text(str(self._copies))
        whole.replace(self._count_file)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    seed, count_file = sys.argv[1:]
    settings = load(KafkaSettings, request_timeout_ms=5_000)
    threading.Thread(target=_end_with_input, daemon=True).start()
    asyncio.run(Echo(settings, seed=int(seed), count_file=Path(count_file)).run())


if __name__ == "__main__":
    main()
