"""One suite for the real producer and the fake that stands for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from chorus.errors import DependencyUnavailable
from chorus.kafka.envelope import Outgoing
from chorus.kafka.producer import EventProducer, Publisher
from chorus.kafka.topics import TopicSpec, ensure
from chorus.testing import FakePublisher
from tests.fixtures.backends import Backend
from tests.integration.chorus.harness import TOPIC, everything_on, outgoing, settings_for, stream


@dataclass(frozen=True, slots=True)
class Subject:
    """A publisher, the messages that it stored, and one whose broker is away."""

    publisher: Publisher
    stored: Callable[[], Awaitable[list[Outgoing]]]
    unreachable: Publisher


@pytest.fixture(params=["fake", "kafka"])
async def subject(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Subject]:
    """The fake, or a producer on the session's broker."""
    if request.param == "fake":
        fake, away = FakePublisher(), FakePublisher()
        away.available = False

        async def sent() -> list[Outgoing]:
            return list(fake.sent)

        yield Subject(fake, sent, away)
        return
    cluster: Backend = request.getfixturevalue("kafka_cluster")
    settings = settings_for(cluster.address, topic_prefix)
    await ensure(settings, [TopicSpec(name=TOPIC, partitions=1)])
    producer = EventProducer(settings, client_id="contract")
    nobody = settings.model_copy(
        update={"bootstrap_servers": "127.0.0.1:1", "request_timeout_ms": 1_000}
    )

    async def records() -> list[Outgoing]:
        return [
            Outgoing(TOPIC, record.key, record.value, list(record.headers))
            for record in await everything_on(settings, TOPIC)
        ]

    yield Subject(producer, records, EventProducer(nobody, client_id="contract"))
    await producer.stop()


async def test_stores_messages_as_they_are(subject: Subject) -> None:
    """Key, bytes and headers arrive unchanged; the topic has no prefix for the caller."""
    messages = stream(keys=3, each=2)
    await subject.publisher.send(messages)
    assert await subject.stored() == messages


async def test_keeps_the_order_over_several_batches(subject: Subject) -> None:
    """INVARIANT: messages of one key stay in their order (K1)."""
    messages = [outgoing(1, number) for number in range(300)]
    for start in range(0, 300, 100):
        await subject.publisher.send(messages[start : start + 100])
    assert await subject.stored() == messages


async def test_large_and_small_ones_keep_their_order(subject: Subject) -> None:
    """INVARIANT: also where they do not fit into one batch of the broker's client (K1)."""
    sizes = [10, 60_000, 60_000, 60_000, 200_000, 10, 70_000, 10, 900_000, 10]
    messages = [
        replace(outgoing(1, number), value=bytes([65 + number]) * size)
        for number, size in enumerate(sizes)
    ]
    await subject.publisher.send(messages)
    assert await subject.stored() == messages


async def test_nothing_to_send_is_nothing_to_wait_for(subject: Subject) -> None:
    """Even where no broker answers."""
    await subject.unreachable.send([])


async def test_says_when_nobody_took_the_messages(subject: Subject) -> None:
    """2: an error rather than silence, so that the caller sends again."""
    with pytest.raises(DependencyUnavailable):
        await subject.unreachable.send([outgoing(1, 1)])
