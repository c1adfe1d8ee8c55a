"""Making the topics on a real broker."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from structlog.testing import capture_logs

from chorus.errors import DependencyUnavailable
from chorus.kafka import topics
from chorus.kafka.topics import TopicSpec, ensure
from tests.fixtures.backends import Backend
from tests.integration.chorus.harness import settings_for


async def test_makes_what_is_missing_and_only_that(
    kafka_cluster: Backend, topic_prefix: str
) -> None:
    """K1: all topics and their dead letters, with the prefix; several may do it at once."""
    settings = settings_for(kafka_cluster.address, topic_prefix, partitions=2)
    await asyncio.gather(ensure(settings), ensure(settings))
    await ensure(settings)
    assert await _partitions(settings.bootstrap_servers, topic_prefix) == {
        spec.name: 2 for spec in topics.ALL
    }


async def test_warns_of_a_topic_with_other_partitions(
    kafka_cluster: Backend, topic_prefix: str
) -> None:
    """It is left as it is: another number would move keys and break their order."""
    settings = settings_for(kafka_cluster.address, topic_prefix)
    await ensure(settings, [TopicSpec(name="a", partitions=1)])
    with capture_logs() as lines:
        await ensure(settings, [TopicSpec(name="a", partitions=3)])
    [warning] = [line for line in lines if line["event"] == "kafka.topic_differed"]
    assert (warning["topic"], warning["expected"], warning["found"]) == (f"{topic_prefix}a", 3, 1)
    assert await _partitions(settings.bootstrap_servers, topic_prefix) == {"a": 1}


async def test_says_when_no_broker_answers() -> None:
    """Bounded."""
    with pytest.raises(DependencyUnavailable):
        await ensure(settings_for("127.0.0.1:1", "", request_timeout_ms=1_000))


async def _partitions(servers: str, prefix: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(prefix)]
        described = await admin.describe_topics(names)
    finally:
        await admin.close()
    return {topic["topic"].removeprefix(prefix): len(topic["partitions"]) for topic in described}
