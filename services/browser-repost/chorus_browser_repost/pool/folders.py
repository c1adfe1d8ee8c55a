"""One temporary folder for each process that has browsers, and none of those that have died.

The owner holds a lock on a file in its folder for as long as it lives: the kernel lets go of it
with the process, however that ends. A folder whose lock is free belongs to nobody. Unlike a pid in
a name this holds for processes of several containers that share a volume, too.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final, Self

import structlog

_PREFIX: Final = "chorus-browsers-"
_LOCK: Final = "lock"
_log = structlog.get_logger(__name__)


class ProcessFolder:
    """A folder of this process, readable for its user alone. Every call blocks shortly."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, parent: Path) -> Self:
        """A new folder below `parent`. Raises OSError.

        It gets the name that `sweep` looks for when its lock is held, not before.
        """
        made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=parent))
        lock = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return cls(made.rename(parent / made.name.removeprefix(".")), lock)

    def below(self, name: str) -> Path:
        """A new folder in it."""
        path = self.path / name
        path.mkdir(mode=0o700)
        return path

    def remove(self) -> None:
        """Remove it with all that is in it."""
        remove_tree(self.path)
        os.close(self._lock)


def remove_tree(path: Path) -> None:
    """Remove a folder; a process that is about to die may still write into it."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
    _log.warning("browser.folder_left", folder=path.name)


def sweep(parent: Path) -> int:
    """Remove the folders of processes that have died; return how many."""
    return sum(_sweep(path) for path in parent.glob(f"{_PREFIX}*"))


def _sweep(path: Path) -> bool:
    with contextlib.suppress(OSError):
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_tree(path)
            return True
        finally:
            os.close(lock)
    return False
