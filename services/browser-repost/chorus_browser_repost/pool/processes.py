"""The processes of a browser, by session: who they are, what they weigh, their end. Linux only.

Driver and browser each lead a session of their own, which their children never leave. So the
processes of one browser can be told from all others, also after their parents have died.
Everything here blocks, for some milliseconds.
"""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36
_ZOMBIE = "Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    pid: int
    parent: int
    session: int
    state: str

    @property
    def defunct(self) -> bool:
        return self.state == _ZOMBIE


def process_of(pid: int) -> Process | None:
    """One process; None: there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold anything, brackets and spaces too.
    state, parent, _group, session, *_ = text.rpartition(")")[2].split()
    return Process(pid=pid, parent=int(parent), session=int(session), state=state)


def running(pid: int) -> bool:
    """Whether a process is there and not defunct."""
    found = process_of(pid)
    return found is not None and not found.defunct


def everything() -> list[Process]:
    """Every process that is visible."""
    numbers = [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]
    return [found for pid in numbers if (found := process_of(pid)) is not None]


def of_sessions(sessions: Collection[int]) -> list[Process]:
    """All processes of these sessions, defunct ones too."""
    return [process for process in everything() if process.session in sessions]


def sessions_from(driver: int) -> frozenset[int]:
    """The session of a driver and those that its children lead."""
    led = {
        process.session
        for process in everything()
        if process.parent == driver and process.session == process.pid
    }
    return frozenset({driver} | led)


def pss_bytes(sessions: Collection[int]) -> int:
    """Proportional set size: what is shared counts for each of its users in part."""
    return sum(_pss_of(process.pid) for process in of_sessions(sessions))


def end(sessions: Collection[int], *, besides: int, within_seconds: float = 3.0) -> None:
    """SIGKILL to every process of these sessions; wait until none runs and none is defunct.

    `besides` is the driver, which asyncio reaps. Orphans that are ours by now are reaped here.
    """
    deadline = time.monotonic() + within_seconds
    while left := _unsettled(of_sessions(sessions), besides):
        for process in left:
            _kill_or_reap(process)
        if time.monotonic() > deadline:
            return
        time.sleep(0.005)


def end_orphans(*, within_seconds: float = 3.0) -> None:
    """End what a browser left behind that died before anybody knew its session.

    These are children of ours by adoption: we never start a process in a session that is neither
    ours nor its own. Where the leader of their session lives they are left to it; defunct ones are
    reaped in either case.
    """
    deadline = time.monotonic() + within_seconds
    while left := [process for process in everything() if _left_behind(process)]:
        for process in left:
            _kill_or_reap(process)
        if time.monotonic() > deadline:
            return
        time.sleep(0.005)


def _left_behind(process: Process) -> bool:
    adopted = process.parent == os.getpid() and process.session not in {process.pid, os.getsid(0)}
    return adopted and (process.defunct or process_of(process.session) is None)


def adopt_orphans(*, wanted: bool = True) -> None:
    """Become the parent of descendants whose parents die, instead of PID 1; or no longer.

    PID 1 of a container often reaps nobody; a browser leaves some four children when it exits.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _unsettled(found: Collection[Process], driver: int) -> list[Process]:
    """A defunct process that is another's child is that one's to reap, unless that one is about to
    die as well: then it becomes ours.
    """
    dying = {process.pid for process in found} | {os.getpid()}
    return [
        process
        for process in found
        if not process.defunct or (process.pid != driver and process.parent in dying)
    ]


def _kill_or_reap(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        if process.defunct:
            os.waitpid(process.pid, os.WNOHANG)
        else:
            os.kill(process.pid, signal.SIGKILL)


def _pss_of(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
