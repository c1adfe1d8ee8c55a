"""The folder of a stack: logs, ready files, the sandbox's truth; one stack at a time."""

import fcntl
import os
from pathlib import Path

from chorus_lab.stack.errors import StackError


class StackFolder:
    """`logs/NAME.log`, `run/NAME.json`, `truth.jsonl`; Postgres and Kafka where data is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def truth(self) -> Path:
        return self.path / "truth.jsonl"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def ready_file(self, name: str) -> Path:
        return self.path / "run" / f"{name}.json"

    def take(self) -> None:
        """Make it, empty it of an earlier stack's logs, and keep others out.

        StackError where another stack runs in it.
        """
        for folder in (self.logs, self.path / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "stack.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise StackError(
                f"Another stack runs in {self.path}: stop it first, or use another folder."
            ) from error
        self._lock = lock
        for old in (*self.logs.glob("*.log"), *(self.path / "run").iterdir(), self.truth):
            old.unlink(missing_ok=True)

    def release(self) -> None:
        """Let others in. May be called again."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
