"""A broker in memory: topics, groups, offsets; and what goes wrong with one.

Order is kept per key, delivery is at least once. The seed decides what is refused, stored twice,
seen late, or lost after it was acknowledged, as when a broker dies with its data.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError

from chorus.errors import DependencyUnavailable
from chorus.kafka.envelope import Outgoing
from chorus.testing import FakeRecord
from tests.simulation.loop import Process, VirtualLoop, process

PARTITIONS = 3
_SESSION = 6.0


@dataclass(slots=True, kw_only=True)
class Troubles:
    """Probabilities of one message, or one request, coming to grief."""

    refused: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    lost: float = 0.0


@dataclass(slots=True)
class _Stored:
    record: FakeRecord
    visible: float


@dataclass(slots=True)
class _Group:
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    members: list["SimConsumer"] = field(default_factory=list)
    generation: int = 0
    settled: int = 0


class Broker:
    def __init__(self, loop: VirtualLoop, seed: int) -> None:
        self.loop = loop
        self.dice = random.Random(f"broker {seed}")
        self.troubles = Troubles()
        self.away = False
        self.logs: dict[TopicPartition, list[_Stored]] = {}
        self.groups: dict[str, _Group] = {}

    def publisher(self) -> "SimPublisher":
        return SimPublisher(self)

    def partition_of(self, topic: str, key: bytes) -> TopicPartition:
        return TopicPartition(topic, crc32(key) % PARTITIONS)

    def store(self, message: Outgoing) -> None:
        """Acknowledged from now on; that it is kept is another matter."""
        dice, troubles = self.dice, self.troubles
        if dice.random() < troubles.lost:
            return
        place = self.partition_of(message.topic, message.key)
        times = 2 if dice.random() < troubles.twice else 1
        log = self.logs.setdefault(place, [])
        for _ in range(times):
            visible = self.loop.time() + dice.random() * 0.02
            if dice.random() < troubles.late:
                visible += dice.random() * 20
            if log:
                visible = max(visible, log[-1].visible)
            record = FakeRecord(
                topic=place.topic,
                partition=place.partition,
                offset=len(log),
                key=message.key,
                value=message.value,
                headers=tuple(message.headers),
            )
            log.append(_Stored(record, visible))
        for group in self.groups.values():
            for member in group.members:
                member.wake(place.topic)

    def group(self, name: str) -> _Group:
        return self.groups.setdefault(name, _Group())

    def places(self, topics: Sequence[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]

    def forget_the_gone(self) -> None:
        """Members that do not beat lose their share after the session's time."""
        for group in self.groups.values():
            gone = [each for each in group.members if not each.beats()]
            if gone:
                group.members = [each for each in group.members if each not in gone]
                group.generation += 1

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.forget_the_gone()


class SimPublisher:
    """See `chorus.kafka.producer.Publisher`."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def send(self, batch: Sequence[Outgoing]) -> None:
        if not batch:
            return
        broker = self._broker
        await asyncio.sleep(broker.dice.random() * 0.01)
        if broker.away:
            await asyncio.sleep(1.0)
            raise DependencyUnavailable("the broker does not answer")
        refused = broker.dice.random() < broker.troubles.refused
        kept = batch[: broker.dice.randrange(len(batch) + 1)] if refused else batch
        for message in kept:
            broker.store(message)
        await asyncio.sleep(broker.dice.random() * 0.01)
        if refused:
            raise DependencyUnavailable("the broker took only some, or did not say")

    async def stop(self) -> None:
        """Nothing is open."""


class SimConsumer:
    """As much of `AIOKafkaConsumer` as `chorus.kafka.consuming.loop.ConsumeLoop` uses."""

    def __init__(
        self, broker: Broker, group: str, topics: Sequence[str], listener: ConsumerRebalanceListener
    ) -> None:
        self._broker, self._topics, self._listener = broker, list(topics), listener
        self._group = broker.group(group)
        self._owner: Process = process.get()
        self._joined = -1
        self._member_of = -1
        self._assigned: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._stopped = False
        self._woken = asyncio.Event()
        self._group.members.append(self)
        self._group.generation += 1

    def wake(self, topic: str) -> None:
        if topic in self._topics:
            self._woken.set()

    def beats(self) -> bool:
        owner = self._owner
        silent = owner.frozen and self._broker.loop.time() - owner.frozen_at > _SESSION
        if owner.dead:
            return False
        return not (self._stopped or silent)

    async def getmany(
        self, *, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[FakeRecord]]:
        await self._rebalanced()
        deadline = self._broker.loop.time() + timeout_ms / 1000
        while True:
            found = self._fetch(max_records)
            left = deadline - self._broker.loop.time()
            if found or left <= 0:
                return found
            await self._wait(left)

    async def _wait(self, seconds: float) -> None:
        """For what is stored, or becomes visible, or the end of the time."""
        now = self._broker.loop.time()
        hidden = [
            log[position].visible - now
            for place, position in self._assigned.items()
            if place not in self._paused and position < len(log := self._broker.logs.get(place, []))
        ]
        self._woken.clear()
        try:
            async with asyncio.timeout(max(0.01, min([seconds, *hidden]))):
                await self._woken.wait()
        except TimeoutError:
            return

    def _fetch(self, room: int) -> dict[TopicPartition, list[FakeRecord]]:
        found: dict[TopicPartition, list[FakeRecord]] = {}
        if self._broker.away:
            return found
        for place, first in self._assigned.items():
            log = self._broker.logs.get(place, [])
            if place in self._paused:
                continue
            position, taken = first, list[FakeRecord]()
            while position < len(log) and len(taken) < room:
                if log[position].visible > self._broker.loop.time():
                    break
                taken.append(log[position].record)
                position += 1
            if taken:
                room -= len(taken)
                self._assigned[place] = position
                found[place] = taken
        return found

    async def _rebalanced(self) -> None:
        """Give back what was held and take the new share, when the group has changed."""
        group = self._group
        if self._member_of == group.generation:
            return
        await self._listener.on_partitions_revoked(set(self._assigned))
        self._assigned.clear()
        while self._member_of != group.generation or self not in group.members:
            if self not in group.members:
                group.members.append(self)
                group.generation += 1
            self._joined = generation = group.generation
            while group.generation == generation:
                if all(each._joined == generation for each in group.members):
                    self._member_of = generation
                    break
                await asyncio.sleep(0.05)
        self._assigned = {
            place: group.committed.get(place, 0) for place in self._share(group.members)
        }
        await self._listener.on_partitions_assigned(set(self._assigned))

    def _share(self, members: Sequence["SimConsumer"]) -> list[TopicPartition]:
        mine = members.index(self)
        places = self._broker.places(self._topics)
        return [place for n, place in enumerate(places) if n % len(members) == mine]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await asyncio.sleep(self._broker.dice.random() * 0.02)
        if self not in self._group.members or self._stopped:
            raise CommitFailedError
        for place, offset in offsets.items():
            if place not in self._assigned:
                raise CommitFailedError
            self._group.committed[place] = offset

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: len(self._broker.logs.get(place, [])) for place in places}

    async def position(self, place: TopicPartition) -> int:
        return self._assigned.get(place, 0)

    def pause(self, place: TopicPartition) -> None:
        self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        self._paused.discard(place)

    async def stop(self) -> None:
        self._stopped = True
        if self in self._group.members:
            self._group.members.remove(self)
            self._group.generation += 1
