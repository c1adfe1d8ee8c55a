"""The processes of a browser service: its drivers, its browsers, and what outlives it."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_FOLDER = "chorus-browsers-*"


def family(pid: int) -> list[psutil.Process]:
    """All that descends from a process now."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def drivers(pid: int) -> list[psutil.Process]:
    """Playwright's Node processes below a service."""
    return [each for each in family(pid) if "run-driver" in _command(each)]


def browsers(pid: int) -> list[psutil.Process]:
    """Main processes of Chromium below a service."""
    return [
        each
        for each in family(pid)
        if "--remote-debugging-pipe" in (words := _command(each)) and "--type=" not in words
    ]


def works(process: psutil.Process) -> bool:
    """Whether it is there and not defunct."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def outlast(processes: Iterable[psutil.Process], *, within_s: float) -> tuple[list[int], float]:
    """The ids of those that still work after the bound, and how long the others took to end."""
    began, left = time.monotonic(), list(processes)
    while (left := [each for each in left if works(each)]) and time.monotonic() - began < within_s:
        time.sleep(0.02)
    return [each.pid for each in left], time.monotonic() - began


def strangers(folder: Path, own: Iterable[int]) -> list[int]:
    """Processes with files in `folder` that are no descendants of `own`: nobody ends them."""
    known = {each.pid for pid in own for each in family(pid)} | set(own)
    return [
        each.pid
        for each in psutil.process_iter()
        if each.pid not in known and works(each) and str(folder) in _surroundings(each)
    ]


def defunct(pid: int) -> list[int]:
    """Children that a service has not reaped."""
    found = []
    for each in family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.ppid() == pid and each.status() == psutil.STATUS_ZOMBIE:
                found.append(each.pid)
    return found


def folders(parent: Path) -> list[str]:
    """What browser services keep there: one folder for each that runs."""
    return sorted(each.name for each in parent.glob(_FOLDER))


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _surroundings(process: psutil.Process) -> str:
    """Command and environment; of somebody else's process, nothing."""
    if process.pid == os.getpid():
        return ""
    try:
        folder = process.environ().get("TMPDIR", "")
    except (psutil.Error, OSError):
        folder = ""
    return f"{_command(process)} {folder}"
