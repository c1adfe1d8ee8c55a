"""The one consume loop: fetch, hand over, commit.

Messages are handled in order per key, many keys at once. An offset is committed only when every
message before it is done, so a crash repeats messages and never loses one: handlers must bear a
repetition. Commits happen about once a second, when partitions are taken back, and at the end.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from chorus.clock import Clock, SystemClock
from chorus.errors import DependencyUnavailable, StuckConsumer
from chorus.events import Event
from chorus.kafka.closing import close_consumer
from chorus.kafka.consuming.back_pressure import BackPressure
from chorus.kafka.consuming.commits import Committer
from chorus.kafka.consuming.dead_letters import DeadLetterPolicy
from chorus.kafka.consuming.handling import Handler, MessageHandling
from chorus.kafka.consuming.key_queues import KeyedWorkers, Partition
from chorus.kafka.consuming.membership import join
from chorus.kafka.consuming.stall import Reading, StallDetector
from chorus.kafka.envelope import Record
from chorus.kafka.producer import EventProducer
from chorus.kafka.topics import topics_of
from chorus.process.stopping import Stopping
from chorus.settings import KafkaSettings
from chorus.telemetry import metrics as declared
from chorus.telemetry.metrics import ConsumeMetrics

_log = structlog.get_logger(__name__)

_HEARTBEAT = 0.5
"""Longest time between two polls, in seconds."""
_GATHER = 0.01
"""Seconds between two polls that found something: a request and its answer name each partition, so
ten small ones cost nearly ten times one large one.
"""
_COMMIT_EVERY = 1.0
_LOOK_TIMEOUT = 5.0
_LEAVE_TIMEOUT = 3.0


class ConsumeLoop:
    """Consumes for a group until it is stopped. One object runs once.

    `topics` defaults to those of the events that have a handler, without the installation's prefix.
    `stuck_seconds`: how long messages may wait at the broker while nothing is in hand.
    """

    def __init__(
        self,
        *,
        settings: KafkaSettings,
        group: str,
        handlers: Mapping[type[Event], Handler],
        topics: Sequence[str] | None = None,
        max_in_flight: int = 1000,
        dead_letters: DeadLetterPolicy | None = None,
        clock: Clock | None = None,
        metrics: ConsumeMetrics = declared.consume,
        stuck_seconds: float = 60.0,
    ) -> None:
        names = topics or [name for model in handlers for name in topics_of(model.topic)]
        self._topics = {f"{settings.topic_prefix}{name}": name for name in dict.fromkeys(names)}
        self._settings = settings
        self._group = group
        self._metrics = metrics
        self._stall: StallDetector[TopicPartition] = StallDetector(stuck_seconds)
        self._look_every = min(10.0, stuck_seconds / 3)
        self._publisher = EventProducer(settings, client_id=f"{group}-dead-letters")
        self._handling = MessageHandling(
            group=group,
            topics=self._topics,
            handlers=handlers,
            policy=dead_letters or DeadLetterPolicy(),
            publisher=self._publisher,
            clock=clock or SystemClock(),
            metrics=metrics,
            on_fatal=self._fail,
        )
        self._pressure = BackPressure(max_in_flight, pause=self._pause, resume=self._resume)
        self._workers = KeyedWorkers(
            self._handling,
            max_in_flight=max_in_flight,
            on_released=self._pressure.released,
            on_fatal=self._fail,
        )
        self._committer = Committer(group, metrics)
        self._partitions: dict[TopicPartition, Partition] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._stopping = Stopping()
        self._fatal: BaseException | None = None
        self._beat = time.monotonic()
        self.ready = asyncio.Event()
        """Set while this member of the group has its share of the partitions, be it none."""

    def alive(self, max_age: float = 30.0) -> bool:
        """Whether the loop has turned within `max_age` seconds; a lost broker does not stop it."""
        return time.monotonic() - self._beat <= max_age

    async def run(self) -> None:
        """Consume until stopped, then drain, commit and leave the group.

        Raises PoisonedTopic, StuckConsumer, or whatever else makes going on pointless. Waits for a
        broker that does not answer.
        """
        with self._stopping.running():
            try:
                await self._run()
            finally:
                self.ready.clear()
        if self._fatal is not None:
            raise self._fatal

    def request_stop(self) -> None:
        """Make `run` end soon. May be called from a signal handler of the event loop."""
        self.ready.clear()
        self._stopping.tell()

    async def stop(self) -> None:
        """Return once `run` has ended; its every step is bounded."""
        self.request_stop()
        await self._stopping.stop()

    async def _run(self) -> None:
        ending = asyncio.create_task(self._stopping.until_told(), name="consume-ending")
        work = [
            asyncio.create_task(self._consume(), name=f"consume-{self._group}"),
            asyncio.create_task(self._commit_steadily(), name="consume-commit"),
            asyncio.create_task(self._watch(), name="consume-watch"),
        ]
        try:
            await asyncio.wait([ending, *work], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ending, *work):
                task.cancel()
            await asyncio.wait([ending, *work])
            await self._leave()
        for task in work:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._fail(error)

    async def _consume(self) -> None:
        self._consumer = await join(
            self._settings, self._group, list(self._topics), _Rebalances(self)
        )
        try:
            while True:
                await self._poll(self._consumer)
        except KafkaError as error:
            raise DependencyUnavailable(f"{self._group} cannot consume: {error!r}") from error

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        if not self._pressure.open:
            await self._pressure.wait(self._partitions.values(), _HEARTBEAT)
            return
        # Between the end of getmany and `_take` nothing else may run: a rebalance in between
        # would make these records somebody else's. So it is awaited here and not in a task.
        fetched = await consumer.getmany(
            timeout_ms=int(_HEARTBEAT * 1000), max_records=self._pressure.room
        )
        for assigned, records in fetched.items():
            self._take(assigned, records)
        if fetched:
            await asyncio.sleep(_GATHER)

    def _take(self, assigned: TopicPartition, records: Sequence[Record]) -> None:
        partition = self._partitions.get(assigned)
        if partition is None:
            partition = Partition(assigned.topic, assigned.partition)
            self._partitions[assigned] = partition
        self._handling.received(assigned.topic, len(records))
        self._pressure.taken(len(records))
        self._workers.take(partition, records)

    async def _leave(self) -> None:
        await self._workers.drain(self._settings.drain_seconds)
        await self._commit()
        if self._consumer is not None:
            await close_consumer(self._consumer, _LEAVE_TIMEOUT)
        await self._publisher.stop()

    async def _commit_steadily(self) -> None:
        while True:
            await asyncio.sleep(_COMMIT_EVERY)
            self._beat = time.monotonic()
            self._show()
            await self._commit()

    def _show(self) -> None:
        held = [partition.held for partition in self._partitions.values()]
        paused = [partition.paused for partition in self._partitions.values()]
        self._metrics.held.labels(self._group).set(sum(held))
        self._metrics.paused.labels(self._group).set(sum(paused))
        self._metrics.in_flight.labels(self._group).set(self._workers.running)

    async def _commit(self) -> None:
        if self._consumer is not None:
            await self._committer.commit(self._consumer, self._partitions)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            try:
                async with asyncio.timeout(_LOOK_TIMEOUT):
                    readings = await self._readings()
            except (KafkaError, TimeoutError) as error:
                _log.debug("consumer.not_observed", group=self._group, error=repr(error))
                continue
            stuck = self._stall.look(readings, time.monotonic())
            if stuck:
                raise StuckConsumer(f"{self._group} fetches nothing of {sorted(stuck)}")

    async def _readings(self) -> dict[TopicPartition, Reading]:
        consumer, partitions = self._consumer, dict(self._partitions)
        if consumer is None or not partitions:
            return {}
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(partitions))
        readings = {}
        for assigned, partition in partitions.items():
            position: int = await consumer.position(assigned)
            oldest = partition.tracker.oldest
            self._metrics.lag.labels(
                self._topics[assigned.topic], self._group, str(assigned.partition)
            ).set(ends[assigned] - (position if oldest is None else oldest))
            idle = partition.held == 0 and not partition.paused and self._pressure.open
            readings[assigned] = Reading(position=position, end=ends[assigned], idle=idle)
        return readings

    def _fail(self, error: BaseException) -> None:
        if self._fatal is None:
            self._fatal = error
            _log.critical("consumer.failed", group=self._group, error=repr(error))
        self.request_stop()

    def _pause(self, partition: Partition) -> None:
        if self._consumer is not None:
            self._consumer.pause(TopicPartition(partition.topic, partition.number))

    def _resume(self, partition: Partition) -> None:
        if self._consumer is not None:
            self._consumer.resume(TopicPartition(partition.topic, partition.number))

    async def taken_back(self) -> None:
        """The broker takes all partitions back: finish what is in hand, commit, forget the rest."""
        if not self._partitions:
            return
        self._metrics.rebalances.labels(self._group).inc()
        for partition in self._partitions.values():
            partition.live = False
        await self._workers.drain(self._settings.drain_seconds)
        await self._commit()
        for assigned in self._partitions:
            self._metrics.lag.remove(
                self._topics[assigned.topic], self._group, str(assigned.partition)
            )
        self._partitions.clear()
        self._pressure.reset()

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """The broker assigned these partitions, and no others."""
        for assigned in partitions:
            self._partitions.setdefault(assigned, Partition(assigned.topic, assigned.partition))
        _log.info("consumer.assigned", group=self._group, partitions=len(self._partitions))
        if not self._stopping.told:
            self._workers.resume()
            self.ready.set()


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the loop of rebalances. aiokafka awaits it before it joins the group again."""

    def __init__(self, loop: ConsumeLoop) -> None:
        self._loop = loop

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        await self._loop.taken_back()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._loop.assigned(assigned)
