"""Committing what is done, within bounds."""

import asyncio
from collections.abc import Mapping

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from chorus.kafka.closing import forget
from chorus.kafka.consuming.key_queues import Partition
from chorus.telemetry.metrics import ConsumeMetrics

_log = structlog.get_logger(__name__)

_TIMEOUT = 3.0


class Committer:
    """Commits the positions of partitions. A failure costs a repetition at worst: it is reported.

    A commit that a lost broker does not answer is left to itself, and no other is sent meanwhile.
    """

    def __init__(self, group: str, metrics: ConsumeMetrics) -> None:
        self._group = group
        self._failures = metrics.commits_failed.labels(group)
        self._under_way: asyncio.Future[None] | None = None

    async def commit(
        self, consumer: AIOKafkaConsumer, partitions: Mapping[TopicPartition, Partition]
    ) -> None:
        """Commit what has moved since the last commit. Takes at most some seconds."""
        positions = {
            assigned: (partition, position)
            for assigned, partition in partitions.items()
            if (position := partition.tracker.uncommitted()) is not None
        }
        if not positions:
            return
        offsets = {assigned: position for assigned, (_, position) in positions.items()}
        error = await self._send(consumer, offsets)
        if error is not None:
            self._failures.inc()
            _log.warning("consumer.commit_failed", group=self._group, error=repr(error))
            return
        for partition, position in positions.values():
            partition.tracker.committed(position)

    async def _send(
        self, consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]
    ) -> BaseException | None:
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way], timeout=_TIMEOUT)
            if not self._under_way.done():
                return TimeoutError("an earlier commit is still under way")
        self._under_way = asyncio.ensure_future(consumer.commit(offsets))
        done, _ = await asyncio.wait([self._under_way], timeout=_TIMEOUT)
        forget(self._under_way)
        if not done or self._under_way.cancelled():
            return TimeoutError("the broker does not answer")
        return self._under_way.exception()
