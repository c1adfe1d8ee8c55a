"""What happens to one message: decode, handle, repeat, or give up."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable, PoisonedTopic, UndecodableMessage
from chorus.events import ALL, Event
from chorus.kafka.consuming.dead_letters import DeadLetterCount, DeadLetterPolicy, dead_letter
from chorus.kafka.consuming.key_queues import KeyQueue
from chorus.kafka.envelope import Received, Record, decode
from chorus.kafka.producer import Publisher
from chorus.postgres.transient import is_transient
from chorus.retry import delay_before
from chorus.telemetry import logs, tracing
from chorus.telemetry.metrics import ConsumeMetrics

_log = structlog.get_logger(__name__)

Handler = Callable[[Received[Any]], Awaitable[None]]


class _Counters:
    """The metrics of one topic with their labels bound: the look-up costs more than the count."""

    __slots__ = ("age_done", "age_received", "dead_lettered", "handled", "received", "retried")

    def __init__(self, metrics: ConsumeMetrics, topic: str, group: str) -> None:
        self.received = metrics.received.labels(topic, group)
        self.handled = metrics.handled.labels(topic, group)
        self.age_received = metrics.age_received.labels(topic, group)
        self.age_done = metrics.age_done.labels(topic, group)
        self.retried = {
            reason: metrics.retried.labels(topic, group, reason)
            for reason in ("transient", "error")
        }
        self.dead_lettered = {
            reason: metrics.dead_lettered.labels(topic, group, reason)
            for reason in ("undecodable", "error")
        }


class MessageHandling:
    """Called with a queue by the workers; see `chorus.kafka.consuming.key_queues.Handle`.

    An error that will pass (DependencyUnavailable, a lost database) repeats the message with a
    growing delay, for ever. Any other is tried `policy.tries` times; then the message goes to the
    dead letters, and too many of those are fatal (PoisonedTopic through `on_fatal`).
    """

    def __init__(
        self,
        *,
        group: str,
        topics: Mapping[str, str],
        handlers: Mapping[type[Event], Handler],
        policy: DeadLetterPolicy,
        publisher: Publisher,
        clock: Clock,
        metrics: ConsumeMetrics,
        on_fatal: Callable[[BaseException], None],
    ) -> None:
        self._group = group
        self._topics = topics
        self._handlers = {model.type: handler for model, handler in handlers.items()}
        self._models = {model.type: model for model in (*ALL, *handlers)}
        self._policy = policy
        self._count = DeadLetterCount(policy)
        self._publisher = publisher
        self._clock = clock
        self._on_fatal = on_fatal
        self._counters = {full: _Counters(metrics, topic, group) for full, topic in topics.items()}

    def received(self, topic: str, count: int) -> None:
        """Count messages fetched from a topic (its full name)."""
        self._counters[topic].received.inc(count)

    async def __call__(self, queue: KeyQueue) -> float | None:
        record = queue.records[0]
        if queue.given_up is None:
            try:
                await self._handle(record)
            except UndecodableMessage as error:
                queue.given_up = error
            except (Exception, asyncio.CancelledError) as error:
                # The supervising loop: every error is judged, also a cancellation that is none of
                # ours (a handler that awaited what somebody else cancelled).
                if _is_being_cancelled():
                    raise
                delay = self._judge(error, queue, record)
                if delay is not None:
                    return delay
            else:
                self._count.handled()
                return None
        return await self._bury(queue, record)

    async def _handle(self, record: Record) -> None:
        counters = self._counters[record.topic]
        received = decode(record, self._models, topic=self._topics[record.topic])
        handler = self._handlers.get(received.event.type)
        if handler is None:
            return
        counters.age_received.observe(self._age(received.time))
        tracing.current.set(tracing.child_of(received.traceparent))
        logs.handled_event.set(received.event)
        await handler(received)
        counters.handled.inc()
        counters.age_done.observe(self._age(received.time))

    def _age(self, time: datetime) -> float:
        return (self._clock.now() - time).total_seconds()

    def _judge(self, error: BaseException, queue: KeyQueue, record: Record) -> float | None:
        """Seconds until the message is repeated, or None when it is given up."""
        transient = is_transient(error)
        if transient:
            queue.attempts += 1
        else:
            queue.tries += 1
            if queue.tries >= self._policy.tries:
                queue.given_up = error
                return None
        delay = delay_before(queue.attempts if transient else queue.tries)
        self._counters[record.topic].retried["transient" if transient else "error"].inc()
        _log.warning(
            "consumer.message_retried",
            **self._where(record),
            transient=transient,
            again_in=delay,
            error=logs.describe(error),
            exc_info=None if transient else error,
        )
        return delay

    async def _bury(self, queue: KeyQueue, record: Record) -> float | None:
        error = queue.given_up or RuntimeError("given up")
        attempts = max(1, queue.attempts + queue.tries)
        topic = self._topics[record.topic]
        letter = dead_letter(record, topic=topic, group=self._group, error=error, attempts=attempts)
        try:
            await self._publisher.send([letter])
        except DependencyUnavailable as unavailable:
            queue.attempts += 1
            _log.warning("consumer.dead_letter_delayed", error=logs.describe(unavailable))
            return delay_before(queue.attempts)
        reason = "undecodable" if isinstance(error, UndecodableMessage) else "error"
        self._counters[record.topic].dead_lettered[reason].inc()
        _log.error("consumer.dead_lettered", **self._where(record), error=logs.describe(error))
        self._count.dead()
        why = self._count.too_many()
        if why is not None:
            self._on_fatal(PoisonedTopic(f"{topic}: {why}; the last: {logs.describe(error)}"))
        return None

    def _where(self, record: Record) -> dict[str, object]:
        return {
            "topic": self._topics[record.topic],
            "partition": record.partition,
            "offset": record.offset,
            "group": self._group,
        }


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
