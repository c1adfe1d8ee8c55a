"""An event loop with virtual time, whose "processes" can be frozen, woken and killed at any await.

Nothing here waits for the machine: when nothing is ready, the clock moves to the next timer. Which
process runs next is the seed's choice; inside a process the order is asyncio's own, first in, first
out. A killed process simply never runs again: no `finally`, no `except`, as with SIGKILL.
"""

import asyncio
import heapq
import random
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, 7, 0, 0, 1, tzinfo=UTC)
"""A Monday."""


class Process:
    """What the machine runs, as far as the loop knows: a name, and whether it runs.

    `ahead` is by how many seconds its wall clock is off.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.frozen = False
        self.dead = False
        self.ahead = 0.0
        self.frozen_at = 0.0
        self.freezes: list[float] = []
        self.queue: deque[asyncio.Handle] = deque()
        self.tasks: set[asyncio.Task[Any]] = set()

    def was_frozen_after(self, instant: float, within: float = 10.0) -> bool:
        """Whether it was frozen soon after a true wall instant."""
        return any(instant <= one <= instant + within for one in self.freezes)

    def __repr__(self) -> str:
        return self.name


OUTSIDE = Process("outside")
process: ContextVar[Process] = ContextVar("process", default=OUTSIDE)


GRAVEYARD: list[Any] = []
"""What belonged to the killed. Were it collected, its coroutines would be closed, and run on."""


class StuckError(Exception):
    """Nothing is ready and no timer is set: something waits for what will never come."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """`leaped` is by how much the wall clock has run ahead of the monotonic one, as in a sleep of
    the whole machine: so days pass between two busy minutes.
    """

    def __init__(self, seed: int) -> None:
        self._virtual = 1000.0
        super().__init__()
        self.dice = random.Random(f"loop {seed}")
        self.leaped = 0.0
        self.turns = 0
        self._running_queues: dict[Process, None] = {}

    def time(self) -> float:
        return self._virtual

    def wall(self) -> datetime:
        """The true time."""
        return START + timedelta(seconds=self._virtual - 1000.0 + self.leaped)

    def leap(self, seconds: float) -> None:
        self.leaped += seconds

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """As asyncio's, and its process holds it for as long as it runs."""
        task = super().create_task(coro, **options)
        context = options.get("context")
        owner = context.get(process, OUTSIDE) if context else process.get()
        owner.tasks.add(task)
        task.add_done_callback(owner.tasks.discard)
        return task

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """At once: no thread's timing gets into a run."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        self._sort()
        while not self._choosable():
            self._advance()
            self._sort()
        chosen = self._choosable()
        one = chosen[0] if len(chosen) == 1 else self.dice.choice(chosen)
        handle = one.queue.popleft()
        self.turns += 1
        if not handle.cancelled():
            handle._run()

    def _sort(self) -> None:
        """What became ready goes to the queue of its process."""
        while self._ready:  # type: ignore[attr-defined]
            self._queue(self._ready.popleft())  # type: ignore[attr-defined]

    def _queue(self, handle: asyncio.Handle) -> None:
        if handle.cancelled():
            return
        owner = handle._context.get(process, OUTSIDE)  # type: ignore[attr-defined]
        if owner.dead:
            GRAVEYARD.append(handle)
            return
        owner.queue.append(handle)
        self._running_queues[owner] = None

    def _choosable(self) -> list[Process]:
        return [p for p in self._running_queues if p.queue and not p.frozen and not p.dead]

    def _advance(self) -> None:
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        while timers and timers[0].cancelled():
            heapq.heappop(timers)._scheduled = False  # type: ignore[attr-defined]
        if not timers:
            raise StuckError("nothing is ready and no timer is set")
        timer = heapq.heappop(timers)
        timer._scheduled = False  # type: ignore[attr-defined]
        self._virtual = max(self._virtual, timer.when())
        self._queue(timer)

    def kill(self, one: Process) -> None:
        """It never runs again. Its coroutines are kept, or closing them would run their ends."""
        one.dead = True
        one.freezes.append(self.wall().timestamp())
        GRAVEYARD.extend(one.queue)
        one.queue.clear()
        self._running_queues.pop(one, None)
        GRAVEYARD.extend(one.tasks)
        one.tasks.clear()

    def freeze(self, one: Process) -> None:
        one.frozen = True
        one.frozen_at = self._virtual
        one.freezes.append(self.wall().timestamp())

    def thaw(self, one: Process) -> None:
        one.frozen = False

    def end(self) -> None:
        """Nothing more is run; what is left is kept, so that nothing of it is closed and run on."""
        GRAVEYARD.extend((*self._ready, *self._scheduled))  # type: ignore[attr-defined]
        GRAVEYARD.extend(asyncio.all_tasks(self))
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        asyncio.set_event_loop(None)
        self.close()
