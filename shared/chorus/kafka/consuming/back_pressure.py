"""How many messages a consumer may hold, and which partitions it stops fetching meanwhile."""

import asyncio
from collections.abc import Callable, Collection

from chorus.kafka.consuming.key_queues import Partition


class BackPressure:
    """Lets in twice as many messages as are handled at once, so that no worker waits for a fetch.

    When that many are held and none is done within the wait, the partitions with the most of them
    are paused. A paused partition no longer counts, so that a key which is being retried holds up
    its own partition alone. Memory is bounded by partitions x 2 x `max_in_flight` messages.
    """

    def __init__(
        self,
        max_in_flight: int,
        *,
        pause: Callable[[Partition], None],
        resume: Callable[[Partition], None],
    ) -> None:
        self._capacity = 2 * max_in_flight
        self._low = max_in_flight
        self._pause = pause
        self._resume = resume
        self._counted = 0
        self._room = asyncio.Event()

    @property
    def room(self) -> int:
        """How many messages may be fetched now."""
        return max(0, self._capacity - self._counted)

    @property
    def open(self) -> bool:
        """Whether there is room enough for a fetch to be worth while."""
        return self.room > self._low // 2

    def taken(self, count: int) -> None:
        """Messages of a partition that is not paused were taken over."""
        self._counted += count

    def released(self, partition: Partition) -> None:
        """A message is done: there may be room again."""
        if partition.paused:
            if partition.live and partition.held * 2 <= self._low:
                partition.paused = False
                self._counted += partition.held
                self._resume(partition)
        elif partition.live:
            self._counted -= 1
        if self._counted <= self._low:
            self._room.set()

    def reset(self) -> None:
        """All partitions were taken back."""
        self._counted = 0
        self._room.set()

    async def wait(self, partitions: Collection[Partition], seconds: float) -> None:
        """Wait until there is room, or make some by pausing what clogs after `seconds`."""
        if self.open:
            return
        self._room.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._room.wait()
        except TimeoutError:
            self._pause_clogged(partitions)

    def _pause_clogged(self, partitions: Collection[Partition]) -> None:
        flowing = [partition for partition in partitions if not partition.paused]
        share = max(1, self._counted // max(1, len(flowing)))
        for partition in flowing:
            if partition.held >= share:
                partition.paused = True
                self._counted -= partition.held
                self._pause(partition)
