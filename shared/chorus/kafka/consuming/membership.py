"""Joining a consumer group."""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from chorus.kafka.closing import close_consumer
from chorus.kafka.connection import client_options
from chorus.retry import until_done
from chorus.settings import KafkaSettings

_log = structlog.get_logger(__name__)


def new_consumer(settings: KafkaSettings, group: str) -> AIOKafkaConsumer:
    """A consumer that commits by hand and starts a new group at the beginning of its topics."""
    # aiokafka's own default is the session timeout: too short for a drain while partitions are
    # taken back. The broker answers a join within it, so a request may not time out earlier.
    rebalance_ms = max(settings.session_timeout_ms, int((settings.drain_seconds + 5) * 1000))
    options = client_options(settings)
    options["request_timeout_ms"] = max(settings.request_timeout_ms, rebalance_ms + 3_000)
    return AIOKafkaConsumer(
        **options,
        client_id=group,
        group_id=f"{settings.group_prefix}{group}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=max(250, settings.session_timeout_ms // 4),
        rebalance_timeout_ms=rebalance_ms,
        max_poll_interval_ms=settings.max_poll_interval_ms,
        fetch_max_wait_ms=200,
    )


async def join(
    settings: KafkaSettings,
    group: str,
    topics: Sequence[str],
    listener: ConsumerRebalanceListener,
) -> AIOKafkaConsumer:
    """Connect and subscribe, trying again with growing pauses until a broker answers."""

    async def connected() -> AIOKafkaConsumer:
        consumer = new_consumer(settings, group)
        consumer.subscribe(topics, listener=listener)
        try:
            async with asyncio.timeout(settings.request_timeout_ms / 1000):
                await consumer.start()
        except BaseException:
            await close_consumer(consumer, 1.0)
            raise
        return consumer

    def waiting(error: Exception, pause: float) -> None:
        _log.warning("consumer.join_failed", group=group, error=repr(error), again_in=pause)

    return await until_done(connected, passes=_is_away, waiting=waiting)


def _is_away(error: Exception) -> bool:
    return isinstance(error, KafkaError | TimeoutError | OSError)
