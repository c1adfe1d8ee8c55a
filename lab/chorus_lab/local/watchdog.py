"""Ends the servers of a process that is gone, however it went.

Run as a program of its own, with the standard library alone. It reads orders from its standard
input, one JSON object a line, and acts when that input ends: its other end is held by one process,
so it ends even when that process was killed by SIGKILL. It does not ask the kernel for a signal at
the parent's death, for that comes at the death of the *thread* that started the child.

Orders: {"watch": pid, "signal": n}, {"forget": pid}, {"remove": folder}, {"keep": folder}.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

PATIENCE_S = 5.0


def started_at(pid: int) -> str | None:
    """What tells a process from a later one with the same id, or None where it is gone."""
    if not Path("/proc/self/stat").exists():  # not Linux: the id alone must do
        return "?" if _signal(pid, 0) else None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def obey(orders: TextIO) -> tuple[dict[int, tuple[int, str]], set[str]]:
    """Read orders to their end: what is left to end (pid: signal, start), folders to remove."""
    watched: dict[int, tuple[int, str]] = {}
    folders: set[str] = set()
    for line in orders:
        order = json.loads(line)
        if "watch" in order and (start := started_at(order["watch"])) is not None:
            watched[order["watch"]] = (order["signal"], start)
        watched.pop(order.get("forget", 0), None)
        folders |= {order["remove"]} if "remove" in order else set()
        folders -= {order.get("keep", "")}
    return watched, folders


def end(watched: dict[int, tuple[int, str]]) -> None:
    """Send each its signal, wait a little, then kill what is left with its process group."""
    for pid, (number, start) in watched.items():
        if started_at(pid) == start:
            _signal(pid, number)
            _signal(pid, signal.SIGCONT)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and _alive(watched):
        time.sleep(0.05)
    for pid in _alive(watched):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Watch until the input ends, clean up, leave."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched, folders = obey(sys.stdin)
    end(watched)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(watched: dict[int, tuple[int, str]]) -> list[int]:
    return [pid for pid, (_, start) in watched.items() if started_at(pid) == start]


def _signal(pid: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
        return True
    return False


if __name__ == "__main__":
    main()
