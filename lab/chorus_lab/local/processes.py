"""Programs that run beside us: started, signalled, and never left behind."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from chorus_lab.local import watchdog
from chorus_lab.local.errors import LocalServerError

_LOG_LINES = 15
_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of secret names, closed to others


def throwaway_folder(purpose: str) -> Path:
    """A path that nobody else uses. The folder itself is made where it is needed."""
    return Path(tempfile.gettempdir()) / f"chorus-{purpose}-{secrets.token_hex(6)}"


def memory_folder(purpose: str, *, free_bytes: int) -> Path | None:
    """The same, in memory: there a file is made many times faster than on a disk.

    None where there is no such place, or less room in it.
    """
    try:
        shm = os.statvfs(_MEMORY)
    except OSError:
        return None
    if shm.f_bavail * shm.f_frsize < free_bytes or not os.access(_MEMORY, os.W_OK):
        return None
    return _MEMORY / f"chorus-{purpose}-{secrets.token_hex(6)}"


class Watchdog:
    """A helper process that ends what it is told to watch as soon as this process is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def watch(self, pid: int, *, with_signal: int) -> None:
        """End this process with that signal when we are gone."""
        self._tell({"watch": pid, "signal": with_signal})

    def forget(self, pid: int) -> None:
        """This process has ended."""
        self._tell({"forget": pid})

    def remove_later(self, folder: Path) -> None:
        """Remove this folder when we are gone."""
        self._tell({"remove": str(folder)})

    def remove_now(self, folder: Path) -> None:
        """Remove a folder that was to be removed later."""
        shutil.rmtree(folder, ignore_errors=True)
        self._tell({"keep": str(folder)})

    def close(self) -> None:
        """End whatever is still watched, and the watchdog. May be called again."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=watchdog.PATIENCE_S + 5)

    def _tell(self, order: Mapping[str, object]) -> None:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", watchdog.__file__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,  # whoever reads ours must not wait for it
                    stderr=subprocess.DEVNULL,
                    text=True,
                    start_new_session=True,
                )
            assert self._process.stdin is not None  # noqa: S101 - asked for above
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()


class Child:
    """One program: its own session (Ctrl-C reaches only us), its output in a file, watched.

    May be started again after it has ended. All calls block for as long as they say.
    """

    def __init__(
        self,
        name: str,
        *,
        log: Path,
        watchdog: Watchdog,
        at_orphaned: signal.Signals = signal.SIGKILL,
        user: pwd.struct_passwd | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._watchdog = watchdog
        self._at_orphaned = at_orphaned
        self._user = user
        self._environment = dict(os.environ if environment is None else environment)
        self._process: subprocess.Popen[bytes] | None = None
        self.was_killed = False

    @property
    def pid(self) -> int:
        """The id of the process that runs now. LocalServerError where none does."""
        if self._process is None:
            raise LocalServerError(f"{self.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended (a paused one is running)."""
        return self._process is not None and self._process.poll() is None

    @property
    def resident_bytes(self) -> int:
        """Memory of the process and its children now."""
        process = psutil.Process(self.pid)
        family = [process, *process.children(recursive=True)]
        return sum(int(member.memory_info().rss) for member in family)

    def start(self, arguments: Sequence[str], *, folder: Path) -> None:
        """Start the program; returns at once."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(arguments),
                cwd=folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=None if self._user is None else [],
            )
        self.was_killed = False
        self._watchdog.watch(self._process.pid, with_signal=self._at_orphaned)

    def wait_until(self, ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Poll until ready. LocalServerError, with the log's end, if it dies or takes longer."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.running:
                raise LocalServerError(f"{self.name} ended while it started.{self.log_tail()}")
            if time.monotonic() > deadline:
                raise LocalServerError(
                    f"{self.name} was not ready after {timeout_s:.0f} s.{self.log_tail()}"
                )
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, number: signal.Signals, *, timeout_s: float) -> None:
        """Ask it to end, and kill it with its children after the timeout."""
        if self._process is None:
            return
        self.send(number)
        self.send(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """SIGKILL it and all its children, and wait until none is left."""
        if self._process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.kill()
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()
            _wait_until_gone(family, timeout_s=10)
        self.was_killed = self._process.wait(10) == -signal.SIGKILL
        self._watchdog.forget(self._process.pid)
        self._process = None

    def log_tail(self) -> str:
        """The last lines of its log, to end an error message with."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return f" The end of {self.log}:\n" + "\n".join(f"  {line}" for line in lines)


def _wait_until_gone(family: list[psutil.Process], *, timeout_s: float) -> None:
    # Not psutil.wait_procs: orphans may stay as zombies until the machine's first process, which is
    # not always quick about it, has taken notice.
    deadline = time.monotonic() + timeout_s
    while any(_works(member) for member in family) and time.monotonic() < deadline:
        time.sleep(0.005)


def _works(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
