"""One process of the stack: started, waited for, signalled, and noticed when it dies."""

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from chorus_lab.client.certificates import tls_context
from chorus_lab.local.ports import HOST
from chorus_lab.local.processes import Child, Watchdog
from chorus_lab.stack.errors import DeadProcessError, StackError

_ANSWER_TIMEOUT_S = 2.0


class Program:
    """A Python program that writes a ready file and answers a health path. All calls block.

    Its port stays the same over restarts.
    """

    def __init__(
        self,
        name: str,
        *,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        port: int,
        health_path: str,
        folder: Path,
        ready_file: Path,
        log: Path,
        watchdog: Watchdog,
    ) -> None:
        self.name = name
        self.port = port
        self.log = log
        self._arguments = list(arguments)
        self._health_path = health_path
        self._folder = folder
        self._ready_file = ready_file
        self._child = Child(name, log=log, watchdog=watchdog, environment=environment)
        self._expected = False

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """LocalServerError where it is not running."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it is there (a paused one is)."""
        return self._child.running

    @property
    def resident_bytes(self) -> int:
        """Memory of the process and its children now."""
        return self._child.resident_bytes

    def start(self) -> None:
        """Start the process; returns at once."""
        if self.running:
            raise StackError(f"{self.name} is running already.")
        self._ready_file.unlink(missing_ok=True)
        self._child.start([sys.executable, *self._arguments], folder=self._folder)
        self._expected = True

    def wait_ready(self, *, timeout_s: float) -> None:
        """Until it says that it is ready. LocalServerError, with the log's end, where it is not."""
        self._child.wait_until(self.is_ready, timeout_s=timeout_s)

    def is_ready(self) -> bool:
        """Whether this very process has announced itself and answers."""
        try:
            announced = json.loads(self._ready_file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        if announced.get("pid") != self.pid:
            return False
        try:
            url = f"{self.url}{self._health_path}"
            return httpx.get(
                url, timeout=_ANSWER_TIMEOUT_S, trust_env=False, verify=tls_context()
            ).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL, on purpose."""
        self._expected = False
        self._child.kill()

    def terminate(self, *, timeout_s: float) -> bool:
        """SIGTERM, on purpose; SIGKILL after the timeout. Whether it ended by itself in time."""
        self._expected = False
        self._child.stop(signal.SIGTERM, timeout_s=timeout_s)
        return not self._child.was_killed

    def send(self, number: signal.Signals) -> None:
        """Send a signal that it is expected to survive, such as SIGSTOP and SIGCONT."""
        self._child.send(number)

    def death(self) -> DeadProcessError | None:
        """The error to raise if it has ended although nobody asked it to."""
        if self._expected and not self.running:
            return DeadProcessError(f"{self.name} has died.{self._child.log_tail()}")
        return None

    def tail(self, lines: int) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
