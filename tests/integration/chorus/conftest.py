"""Settings for the session's servers, and topics of a test's own."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from chorus.kafka.producer import EventProducer
from chorus.kafka.topics import TopicSpec, dead_letters_of, ensure
from chorus.settings import KafkaSettings, PostgresSettings
from tests.fixtures.backends import Backend
from tests.integration.chorus.harness import TOPIC, settings_for


@pytest.fixture
async def kafka(kafka_cluster: Backend, topic_prefix: str) -> KafkaSettings:
    """Settings with this test's prefix; `post.published` and its dead letters exist."""
    settings = settings_for(kafka_cluster.address, topic_prefix)
    await ensure(
        settings,
        [
            TopicSpec(name=TOPIC, partitions=4),
            TopicSpec(name=dead_letters_of(TOPIC), partitions=1),
        ],
    )
    return settings


@pytest.fixture
async def producer(kafka: KafkaSettings) -> AsyncIterator[EventProducer]:
    """A producer on this test's topics."""
    producer = EventProducer(kafka, client_id="test")
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
def postgres(empty_database: str) -> PostgresSettings:
    """Settings for this test's database."""
    return PostgresSettings(dsn=SecretStr(empty_database))
