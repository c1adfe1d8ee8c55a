"""Messages in hand: in order per key, many keys at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from chorus.kafka.consuming.offsets import OffsetTracker
from chorus.kafka.envelope import Record

_TURNS_BEFORE_YIELD = 64
"""A handler that never waits must not keep the event loop from the heartbeats."""


class Partition:
    """What this process holds of one assigned partition."""

    __slots__ = ("held", "live", "number", "paused", "queues", "topic", "tracker")

    def __init__(self, topic: str, number: int) -> None:
        self.topic = topic
        self.number = number
        self.tracker = OffsetTracker()
        self.queues: dict[bytes | None, KeyQueue] = {}
        self.held = 0
        self.paused = False
        self.live = True
        """False once the partition was taken back: nothing of it is begun any more."""


class KeyQueue:
    """The waiting messages of one key; the first is the one being worked on."""

    __slots__ = ("attempts", "given_up", "key", "partition", "records", "tries")

    def __init__(self, partition: Partition, key: bytes | None) -> None:
        self.partition = partition
        self.key = key
        self.records: deque[Record] = deque()
        self.forget_attempts()

    def forget_attempts(self) -> None:
        """The next message starts afresh."""
        self.attempts = 0
        """Failures that will pass."""
        self.tries = 0
        """Failures that may not."""
        self.given_up: BaseException | None = None
        """Why the first message is to become a dead letter."""


Handle = Callable[[KeyQueue], Awaitable[float | None]]
"""Handles the first message of a key: None when done, or seconds until it is to be repeated."""


class KeyedWorkers:
    """At most `max_in_flight` messages at once, never two of the same partition and key.

    `on_released` is called after each message that is done; `on_fatal` when a worker breaks.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        max_in_flight: int,
        on_released: Callable[[Partition], None],
        on_fatal: Callable[[BaseException], None],
    ) -> None:
        self._handle = handle
        self._max_in_flight = max_in_flight
        self._on_released = on_released
        self._on_fatal = on_fatal
        self._ready: deque[KeyQueue] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._accepting = True
        self.running = 0

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        """Take over fetched messages of one partition, in the order of their offsets."""
        queues = partition.queues
        for record in records:
            partition.tracker.begin(record.offset)
            queue = queues.get(record.key)
            if queue is None:
                queue = queues[record.key] = KeyQueue(partition, record.key)
                self._ready.append(queue)
            queue.records.append(record)
        partition.held += len(records)
        self._hire()

    def resume(self) -> None:
        """Begin messages again after `drain`."""
        self._accepting = True
        self._hire()

    async def drain(self, seconds: float) -> bool:
        """Begin nothing more and let what is being handled end; cancel it after `seconds`.

        What had not begun is forgotten: the broker delivers it again. False when something had to
        be cancelled.
        """
        self._accepting = False
        self._ready.clear()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if not self._workers:
            return True
        _, late = await asyncio.wait(self._workers, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1.0)
        return not late

    def _hire(self) -> None:
        if not self._accepting:
            return
        for _ in range(min(len(self._ready), self._max_in_flight - len(self._workers))):
            task = asyncio.create_task(self._work(), name="consume-worker")
            self._workers.add(task)
            task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._workers.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_fatal(error)
        elif self._ready:
            self._hire()

    async def _work(self) -> None:
        turns = 0
        while self._ready and self._accepting:
            queue = self._ready.popleft()
            self.running += 1
            try:
                delay = await self._handle(queue)
            finally:
                self.running -= 1
            if delay is None:
                self._release(queue)
            else:
                self._repeat(queue, delay)
            turns += 1
            if turns % _TURNS_BEFORE_YIELD == 0:
                await asyncio.sleep(0)

    def _release(self, queue: KeyQueue) -> None:
        partition = queue.partition
        partition.tracker.end(queue.records.popleft().offset)
        partition.held -= 1
        if queue.records:
            queue.forget_attempts()
            if partition.live and self._accepting:
                self._ready.append(queue)
        else:
            del partition.queues[queue.key]
        self._on_released(partition)

    def _repeat(self, queue: KeyQueue, delay: float) -> None:
        if queue.partition.live and self._accepting:
            timer: asyncio.TimerHandle | None = None

            def due() -> None:
                if timer is not None:
                    self._timers.discard(timer)
                self._ready.append(queue)
                self._hire()

            timer = asyncio.get_running_loop().call_later(delay, due)
            self._timers.add(timer)
