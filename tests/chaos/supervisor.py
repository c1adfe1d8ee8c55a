"""Does what an orchestrator does (starts again what has ended), and what no orchestrator does."""

import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from chorus_lab.stack import Stack

_LOOK_EVERY_S = 0.3
_FIRST_BACK_OFF_S = 0.5
_LONGEST_BACK_OFF_S = 4.0


class Supervisor:
    """Of the services of a stack. Use it in a `with` block; calls may come from any thread.

    Whoever handles a process holds its lock, so that nothing is done to it twice at a time.
    """

    def __init__(self, stack: Stack, names: Sequence[str]) -> None:
        self._stack = stack
        self.names = tuple(names)
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor")
        self._guard = threading.Lock()
        self._back_off: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self.kills: list[str] = []
        """Names, in order, of what SIGKILL met while it ran."""
        self.own_ends: list[tuple[str, str]] = []
        """Names and last words of what ended by itself."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def name_of(self, pid: int) -> str | None:
        """The service that runs under this process id."""
        for name in self.names:
            program = self._stack.process(name)
            if program.running and program.pid == pid:
                return name
        return None

    def kill(self, name: str, *, for_s: float) -> None:
        """SIGKILL; start it again after a while. Returns when it was started, not yet ready."""
        with self._locks[name]:
            self.strike(name)
            time.sleep(for_s)
            self._start(name)

    def strike(self, name: str) -> None:
        """SIGKILL. Who calls this starts it again."""
        if self._stack.process(name).running:
            with self._guard:
                self.kills.append(name)
        self._stack.kill(name)

    def terminate(self, name: str, *, for_s: float) -> None:
        with self._locks[name]:
            self._stack.terminate(name)
            time.sleep(for_s)
            self._start(name)

    def freeze(self, name: str, *, for_s: float) -> None:
        """SIGSTOP, and SIGCONT after a while."""
        with self._locks[name]:
            program = self._stack.process(name)
            program.send(signal.SIGSTOP)
            time.sleep(for_s)
            program.send(signal.SIGCONT)

    @contextmanager
    def holding(self, *names: str) -> Iterator[None]:
        """Nobody else does anything to these; in the end they run."""
        for name in sorted(names):
            self._locks[name].acquire()
        try:
            yield
        finally:
            for name in sorted(names, reverse=True):
                self._start(name)
                self._locks[name].release()

    def wait_ready(self, *, within_s: float) -> None:
        """Until all of them are. AssertionError, with the last words, after the bound."""
        deadline = time.monotonic() + within_s
        for name in self.names:
            while not self._is_ready(name):
                last = self._stack.tail(name, 15)
                assert time.monotonic() < deadline, f"{name} is not ready:\n{last}"
                time.sleep(0.1)

    def _is_ready(self, name: str) -> bool:
        with self._locks[name]:
            program = self._stack.process(name)
            return program.running and program.is_ready()

    def _start(self, name: str) -> None:
        program = self._stack.process(name)
        self._not_before.pop(name, None)
        if not program.running:
            program.start()

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK_EVERY_S):
            for name in self.names:
                if self._locks[name].acquire(blocking=False):
                    try:
                        self._revive(name)
                    finally:
                        self._locks[name].release()

    def _revive(self, name: str) -> None:
        """Start it again if it ended by itself; each time in a row a little later."""
        if self._stack.process(name).death() is None:
            self._forgive(name)
            return
        now = time.monotonic()
        if name not in self._not_before:
            self.own_ends.append((name, self._stack.tail(name, 3)))
            self._not_before[name] = now + self._back_off.get(name, _FIRST_BACK_OFF_S)
        if now >= self._not_before[name]:
            del self._not_before[name]
            longer = 2 * self._back_off.get(name, _FIRST_BACK_OFF_S)
            self._back_off[name] = min(longer, _LONGEST_BACK_OFF_S)
            self._start(name)

    def _forgive(self, name: str) -> None:
        if name in self._back_off and self._is_ready(name):
            del self._back_off[name]
