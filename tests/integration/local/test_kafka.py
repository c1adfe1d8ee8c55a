"""The local Kafka: a real broker that keeps what it acknowledged."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from chorus_lab.local import kafka_probe
from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.kafka import KafkaCluster
from tests.fixtures.backends import Backend

_TIMEOUT_S = 30


async def test_what_is_produced_is_consumed(kafka_cluster: Backend, topic_prefix: str) -> None:
    """K1: an idempotent producer and a group, on the session's broker."""
    topic = f"{topic_prefix}numbers"
    await _create(kafka_cluster.address, topic)
    await _produce(kafka_cluster.address, topic, 100)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka_cluster.address,
        group_id=f"{topic_prefix}readers",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            values = [(await consumer.getone()).value for _ in range(100)]
    finally:
        await consumer.stop()
    assert values == [str(number).encode() for number in range(100)]


async def test_topics_are_made_on_purpose(kafka_cluster: Backend, topic_prefix: str) -> None:
    """A misspelt topic is an error, not a new topic."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_cluster.address, enable_idempotence=True, request_timeout_ms=1000
    )
    await producer.start()
    try:
        with pytest.raises((UnknownTopicOrPartitionError, KafkaError)):
            await producer.send_and_wait(f"{topic_prefix}misspelt", b"lost")
    finally:
        await producer.stop()


async def test_acknowledged_records_survive_sigkill(killable_kafka: KafkaCluster) -> None:
    """INVARIANT: P4 — what the broker acknowledged is there after it was killed and restarted."""
    address = killable_kafka.bootstrap_servers
    await _create(address, "kept")
    await _produce(address, "kept", 500)

    killable_kafka.kill()
    killable_kafka.restart()

    assert killable_kafka.bootstrap_servers == address
    assert await _end_offset(address, "kept") == 500


def test_a_frozen_broker_answers_after_it_goes_on(killable_kafka: KafkaCluster) -> None:
    """Frozen is not gone: the port takes connections and nothing comes back."""
    port = int(killable_kafka.bootstrap_servers.rpartition(":")[2])
    killable_kafka.pause()
    with pytest.raises(TimeoutError):
        kafka_probe.brokers(port)
    killable_kafka.resume()
    assert kafka_probe.brokers(port) == {1}


async def test_a_broker_that_lost_its_disk_knows_nothing(killable_kafka: KafkaCluster) -> None:
    """It comes back at the same address; topics can be made anew."""
    address = killable_kafka.bootstrap_servers
    await _create(address, "lost")
    await _produce(address, "lost", 20)

    killable_kafka.lose_everything()

    assert killable_kafka.bootstrap_servers == address
    await _create(address, "lost")
    assert await _end_offset(address, "lost") == 0


async def test_three_brokers_go_on_without_one(three_brokers: KafkaCluster) -> None:
    """INVARIANT: P4 — with one of three brokers killed, nothing acknowledged is lost."""
    address = three_brokers.bootstrap_servers
    await _create(address, "kept", replicas=3)
    await _produce(address, "kept", 50)
    three_brokers.kill(1)
    await _produce(address, "kept", 50)
    assert await _end_offset(address, "kept") == 100


def test_a_start_that_fails_shows_the_end_of_the_log() -> None:
    """The reason stands in the error, and nothing is left behind."""
    cluster = KafkaCluster(properties={"log.cleaner.threads": "many"})
    with pytest.raises(LocalServerError, match=r"log\.cleaner\.threads"):
        cluster.start()
    with pytest.raises(LocalServerError, match="not been started"):
        _ = cluster.bootstrap_servers


async def _create(address: str, topic: str, *, replicas: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, replicas)])
    finally:
        await admin.close()


async def _produce(address: str, topic: str, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True)
    await producer.start()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            sent = [await producer.send(topic, str(number).encode()) for number in range(count)]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def _end_offset(address: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=address)
    await consumer.start()
    try:
        partition = TopicPartition(topic, 0)
        offsets = await consumer.end_offsets([partition])
    finally:
        await consumer.stop()
    return int(offsets[partition])
