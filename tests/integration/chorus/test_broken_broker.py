"""The consume loop and the producer when the broker dies, freezes and comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from chorus.errors import DependencyUnavailable
from chorus.kafka.envelope import Outgoing
from chorus.kafka.producer import EventProducer
from chorus.kafka.topics import TopicSpec, dead_letters_of, ensure
from chorus.settings import KafkaSettings
from chorus.testing import eventually
from chorus_lab.local.kafka import KafkaCluster
from tests.integration.chorus.harness import (
    TOPIC,
    Reader,
    everything_on,
    loop_for,
    outgoing,
    running,
    settings_for,
    stream,
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """A broker of this file's own, to be killed; each test leaves it running."""
    cluster = KafkaCluster()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
async def settings(cluster: KafkaCluster, topic_prefix: str) -> KafkaSettings:
    settings = settings_for(
        cluster.bootstrap_servers, topic_prefix, drain_seconds=1, request_timeout_ms=4_000
    )
    await ensure(
        settings,
        [TopicSpec(name=TOPIC, partitions=3), TopicSpec(name=dead_letters_of(TOPIC), partitions=1)],
    )
    return settings


@pytest.fixture
async def sender(settings: KafkaSettings) -> AsyncIterator[EventProducer]:
    producer = EventProducer(settings, client_id="test")
    yield producer
    await producer.stop()


async def _send(producer: EventProducer, messages: list[Outgoing]) -> None:
    """Again and again until the broker has them, as the relay does."""

    async def sent() -> bool:
        try:
            await producer.send(messages)
        except DependencyUnavailable:
            return False
        return True

    await eventually(sent, 60)


async def test_goes_on_after_the_broker_was_killed(
    cluster: KafkaCluster, settings: KafkaSettings, sender: EventProducer
) -> None:
    """INVARIANT: losing the broker loses nothing; everything is handled once it is back (2)."""
    reader = Reader()
    await _send(sender, stream(keys=10, each=5))
    async with running(loop_for(settings, reader)):
        await eventually(lambda: reader.count == 50, 20)
        await asyncio.to_thread(cluster.kill)
        with pytest.raises(DependencyUnavailable):
            await sender.send([outgoing(1, 5)])
        await asyncio.to_thread(cluster.restart)
        await _send(sender, [outgoing(key, 6) for key in range(10)])
        await eventually(lambda: all(reader.seen[key][-1] == 6 for key in range(10)), 60)
    assert all(numbers[:5] == [0, 1, 2, 3, 4] for numbers in reader.seen.values())


async def test_a_batch_is_repeated_after_a_crash_and_nothing_of_it_is_lost(
    cluster: KafkaCluster, settings: KafkaSettings, sender: EventProducer
) -> None:
    """INVARIANT: per key, what is stored begins with the order of sending (K1)."""
    batches = [[outgoing(1, number) for number in range(at, at + 50)] for at in range(0, 500, 50)]
    for place, batch in enumerate(batches):
        sending = asyncio.create_task(_send(sender, batch))
        if place == 4:
            await asyncio.to_thread(cluster.kill)
            await asyncio.to_thread(cluster.restart)
        await sending
    stored = [record.value for record in await everything_on(settings, TOPIC, partitions=3)]
    wanted = [message.value for batch in batches for message in batch]
    first_of_each = list(dict.fromkeys(stored))
    assert [_number(value) for value in first_of_each] == [_number(value) for value in wanted]


@pytest.mark.parametrize("broken", ["killed", "frozen"])
async def test_stops_in_time_whatever_became_of_the_broker(
    cluster: KafkaCluster, settings: KafkaSettings, sender: EventProducer, broken: str
) -> None:
    """INVARIANT: a stop is bounded with a dead and with a frozen broker."""
    reader = Reader()
    await _send(sender, stream(keys=3, each=3))
    loop = loop_for(settings, reader)
    running_loop = asyncio.create_task(loop.run())
    try:
        await eventually(lambda: reader.count == 9, 30)
        await asyncio.to_thread(cluster.kill if broken == "killed" else cluster.pause)
        started = time.monotonic()
        await loop.stop()
        await running_loop
        assert time.monotonic() - started < 15
    finally:
        await asyncio.to_thread(cluster.restart if broken == "killed" else cluster.resume)


async def test_waits_for_a_broker_that_is_not_there_yet() -> None:
    """A process may start before its broker; it is not ready, and stops when told."""
    settings = settings_for("127.0.0.1:1", "", request_timeout_ms=1_000)
    loop = loop_for(settings, Reader())
    task = asyncio.create_task(loop.run())
    done, _ = await asyncio.wait([task], timeout=1.5)
    assert not done
    assert not loop.ready.is_set()
    assert loop.alive()
    async with asyncio.timeout(15):
        await loop.stop()
        await task


def _number(value: bytes) -> int:
    return int(value.rsplit(b"/", 1)[1].split(b'"')[0])
