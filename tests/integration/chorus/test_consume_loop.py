"""The consume loop on a real broker: order, concurrency, commits, retries, dead letters."""

import asyncio
import uuid

import pytest
from prometheus_client import CollectorRegistry

from chorus.errors import DependencyUnavailable, PoisonedTopic, StuckConsumer
from chorus.events import PostPublished
from chorus.kafka.consuming.dead_letters import DeadLetterPolicy
from chorus.kafka.envelope import Outgoing, Received
from chorus.kafka.producer import EventProducer
from chorus.settings import KafkaSettings
from chorus.telemetry import tracing
from chorus.telemetry.metrics import ConsumeMetrics
from chorus.testing import eventually
from tests.integration.chorus.harness import (
    TOPIC,
    Reader,
    committed,
    everything_on,
    loop_for,
    outgoing,
    running,
    stream,
)


async def test_keeps_the_order_of_each_key(kafka: KafkaSettings, producer: EventProducer) -> None:
    """INVARIANT: messages of one key are handled one after the other, in their order (K1)."""
    reader = Reader()
    await producer.send(stream(keys=40, each=25))
    async with running(loop_for(kafka, reader)):
        await eventually(lambda: reader.count == 1_000)
    assert all(numbers == list(range(25)) for numbers in reader.seen.values())


async def test_handles_as_many_keys_at_once_as_allowed(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """E1: so many at once and no more, whatever waits."""
    reader = Reader()
    reader.gate.clear()
    await producer.send(stream(keys=60, each=2))
    async with running(loop_for(kafka, reader, max_in_flight=7)):
        await eventually(lambda: reader.running == 7)
        reader.gate.set()
        await eventually(lambda: reader.count == 120)
    assert reader.most_at_once == 7


async def test_commits_only_the_unbroken_run_of_what_is_done(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """INVARIANT: an offset is committed only when all before it are done (2: never lose one)."""
    held = asyncio.Event()
    done: list[str] = []

    async def handle(received: Received[PostPublished]) -> None:
        if received.event.correlation_id == "3/0":
            await held.wait()
        done.append(received.event.correlation_id)

    await producer.send(stream(keys=8, each=5))
    async with running(loop_for(kafka, handle)):
        await eventually(lambda: len(done) == 35)
        # All partitions but one can be committed to their ends; that one only before 3/0.
        await eventually(lambda: _is_between(kafka, 1, 35))
        assert await committed(kafka) < 40
        held.set()
        await eventually(lambda: len(done) == 40)
        await eventually(lambda: _is_between(kafka, 40, 40))


async def test_the_lag_counts_what_is_in_hand(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """K4: what waits at the broker and what is not done; for alerts and scaling."""
    reader, registry = Reader(), CollectorRegistry()
    reader.gate.clear()

    def lag() -> float:
        found = (sample for metric in registry.collect() for sample in metric.samples)
        return sum(one.value for one in found if one.name == "chorus_consumer_lag_messages")

    await producer.send(stream(keys=30, each=2))
    measured = ConsumeMetrics(registry)
    loop = loop_for(kafka, reader, max_in_flight=7, metrics=measured, stuck_seconds=1.5)
    async with running(loop):
        await eventually(lambda: reader.running == 7)
        await eventually(lambda: lag() == 60)
        reader.gate.set()
        await eventually(lambda: lag() == 0)
    assert reader.count == 60


async def test_commits_what_is_done_when_it_stops(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """A stop commits at once, so that a successor repeats nothing."""
    reader = Reader()
    await producer.send(stream(keys=5, each=10))
    async with running(loop_for(kafka, reader)):
        await eventually(lambda: reader.count == 50)
    assert await committed(kafka) == 50


async def test_repeats_a_passing_error_without_holding_up_other_keys(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """A database that is away holds up the message that met it, not the others."""
    reader = Reader()
    failures = 0
    away = True

    async def handle(received: Received[PostPublished]) -> None:
        nonlocal failures
        if received.event.correlation_id.startswith("2/") and away:
            failures += 1
            raise DependencyUnavailable("the database is away")
        await reader(received)

    await producer.send(stream(keys=6, each=5))
    async with running(loop_for(kafka, handle)):
        await eventually(lambda: reader.count == 25 and failures >= 4)
        assert 2 not in reader.seen
        away = False
        await eventually(lambda: reader.count == 30)
    assert reader.seen[2] == [0, 1, 2, 3, 4]
    assert await everything_on(kafka, f"{TOPIC}.dlq") == []


async def test_gives_up_after_three_tries_and_goes_on(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """A message that fails again and again becomes a dead letter that tells where it stood."""
    reader = Reader()
    tries = 0

    async def handle(received: Received[PostPublished]) -> None:
        nonlocal tries
        if received.event.correlation_id == "1/1":
            tries += 1
            raise ValueError("no such thing")
        await reader(received)

    parent = tracing.start()
    bad = outgoing(1, 1, traceparent=parent)
    await producer.send([outgoing(1, 0), bad, outgoing(1, 2)])
    async with running(loop_for(kafka, handle)):
        await eventually(lambda: reader.seen[1] == [0, 2])
    [letter] = await everything_on(kafka, f"{TOPIC}.dlq")
    headers = {name: value.decode() for name, value in letter.headers}
    assert tries == 3
    assert (letter.key, letter.value) == (bad.key, bad.value)
    assert headers["dlq_topic"] == TOPIC
    assert headers["dlq_offset"] == "1"
    assert headers["dlq_attempts"] == "3"
    assert headers["dlq_error"] == "ValueError: no such thing"
    assert headers["traceparent"] == parent
    assert headers["ce_type"] == PostPublished.type


async def test_puts_what_it_cannot_decode_aside_at_once(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """K1: bytes that no reader understands are kept as they are, and hold nothing up."""
    reader = Reader()
    broken = Outgoing(TOPIC, str(uuid.UUID(int=1)).encode(), b"\xff{", outgoing(1, 1).headers)
    strange = Outgoing(TOPIC, b"k", b"{}", [("ce_type", b"chorus.nobody.knows.v9")])
    await producer.send([outgoing(1, 0), broken, strange, outgoing(1, 2)])
    async with running(loop_for(kafka, reader)):
        await eventually(lambda: reader.seen[1] == [0, 2])
        await eventually(lambda: _has_letters(kafka, 2))
    letters = {letter.value for letter in await everything_on(kafka, f"{TOPIC}.dlq")}
    assert letters == {b"\xff{", b"{}"}


async def test_stops_rather_than_draining_a_topic_into_its_dead_letters(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """INVARIANT: more dead letters in a row than allowed take the loop down."""

    async def handle(_: Received[PostPublished]) -> None:
        raise ValueError("nothing works")

    await producer.send(stream(keys=200, each=1))
    policy = DeadLetterPolicy(tries=1, limit=5)
    loop = loop_for(kafka, handle, dead_letters=policy, max_in_flight=1)
    with pytest.raises(PoisonedTopic, match="in a row"):
        await asyncio.wait_for(loop.run(), 30)
    assert not loop.ready.is_set()
    assert len(await everything_on(kafka, f"{TOPIC}.dlq")) <= 7


async def test_binds_the_trace_of_each_message(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """E8: what a handler does belongs to the trace that its message began."""
    parents = {number: tracing.start() for number in range(20)}
    traces: dict[int, str | None] = {}

    async def handle(received: Received[PostPublished]) -> None:
        number = int(received.event.correlation_id.split("/")[1])
        await asyncio.sleep(0)
        traces[number] = tracing.trace_id(tracing.current.get())

    await producer.send(
        [outgoing(number % 5, number, traceparent=parents[number]) for number in parents]
    )
    async with running(loop_for(kafka, handle)):
        await eventually(lambda: len(traces) == 20)
    assert traces == {number: tracing.trace_id(parent) for number, parent in parents.items()}


async def test_a_cancellation_from_within_a_handler_is_an_error_like_any_other(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """A handler that awaits what somebody else cancelled must not strand its key for ever."""
    reader = Reader()

    async def handle(received: Received[PostPublished]) -> None:
        if received.event.correlation_id == "1/0":
            abandoned: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            abandoned.cancel()
            await abandoned
        await reader(received)

    await producer.send([outgoing(1, 0), outgoing(1, 1)])
    async with running(loop_for(kafka, handle)):
        await eventually(lambda: reader.seen[1] == [1])
    assert len(await everything_on(kafka, f"{TOPIC}.dlq")) == 1


async def test_a_consumer_that_fetches_nothing_any_more_goes_down(
    kafka: KafkaSettings, producer: EventProducer
) -> None:
    """B.1: aiokafka may look alive and fetch nothing; then the process has to be replaced."""
    reader = Reader()
    loop = loop_for(kafka, reader, stuck_seconds=1.0)
    task = asyncio.create_task(loop.run())
    await asyncio.wait_for(loop.ready.wait(), 20)
    assert loop._consumer is not None
    loop._consumer.pause(*loop._consumer.assignment())
    await producer.send(stream(keys=10, each=1))
    with pytest.raises(StuckConsumer, match="fetches nothing"):
        await asyncio.wait_for(task, 30)
    assert not loop.ready.is_set()


async def _is_between(settings: KafkaSettings, least: int, most: int) -> bool:
    return least <= await committed(settings) <= most


async def _has_letters(settings: KafkaSettings, count: int) -> bool:
    return len(await everything_on(settings, f"{TOPIC}.dlq")) == count
