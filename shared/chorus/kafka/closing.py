"""Letting go of a broker in bounded time.

aiokafka's own `stop` waits for a lost broker as long as a request may take, or for ever, and may
end in a CancelledError of its own. Here it gets some seconds; then the connections are closed under
it, so that whatever it waits for fails, and what is still left is cancelled. Only private members
of aiokafka allow that; this file is the one place that touches them.
"""

# ruff: noqa: SLF001 - see above
import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

_log = structlog.get_logger(__name__)

_GRACE = 1.0


async def close_consumer(consumer: AIOKafkaConsumer, seconds: float) -> None:
    """Leave the group and disconnect."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait([stopping], timeout=seconds)
    if not stopping.done():
        _log.warning("kafka.consumer_close_forced", seconds=seconds)
        await _bounded(consumer._client.close())
        await _end(stopping)
        if consumer._fetcher is not None:
            await _bounded(consumer._fetcher.close())
        await _bounded(consumer._client.close())
    forget(stopping)


async def close_producer(producer: AIOKafkaProducer, seconds: float) -> None:
    """Send what is under way and disconnect; what was not sent after `seconds` never will be."""
    stopping = asyncio.ensure_future(producer.stop())
    await asyncio.wait([stopping], timeout=seconds)
    if not stopping.done():
        _log.warning("kafka.producer_close_forced", seconds=seconds)
        sender = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
        await _bounded(producer.client.close())
        _fail_unsent(producer)
        await _end(stopping)
        await _bounded(producer.client.close())
    forget(stopping)


def forget(task: "asyncio.Future[Any]") -> None:
    """Read the outcome of something bounded, now or when it ends: it matters to nobody any more."""
    if not task.done():
        task.add_done_callback(forget)
    elif not task.cancelled() and (error := task.exception()) is not None:
        _log.debug("kafka.abandoned", error=repr(error))


def _fail_unsent(producer: AIOKafkaProducer) -> None:
    accumulator = producer._message_accumulator
    unsent = [batch for batches in accumulator._batches.values() for batch in batches]
    unsent += accumulator._pending_batches
    accumulator.fail_all(KafkaConnectionError("closed"))
    for batch in unsent:
        if batch._drain_waiter.done():
            batch._drain_waiter.exception()


async def _bounded(closing: Coroutine[Any, Any, Any]) -> None:
    task = asyncio.ensure_future(closing)
    await asyncio.wait([task], timeout=_GRACE)
    forget(task)


async def _end(task: "asyncio.Future[Any]") -> None:
    await asyncio.wait([task], timeout=_GRACE)
    task.cancel()
    await asyncio.wait([task], timeout=_GRACE)
