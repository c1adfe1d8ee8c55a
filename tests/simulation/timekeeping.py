"""Every clock that the product reads, following the loop's virtual time."""

import os
import random
import sys
import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chorus.postgres.clock import Machine
from tests.simulation.database import Database
from tests.simulation.loop import VirtualLoop, process


class ProcessClock:
    """See `chorus.clock.Clock`: the wall clock of the process that asks, which may be off."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return self._loop.wall() + timedelta(seconds=process.get().ahead)


class ProcessMachine(Machine):
    """What a process's machine says; its wall clock may be off."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def since_boot(self) -> float:
        return self._loop.time() + self._loop.leaped

    def wall(self) -> float:
        return ProcessClock(self._loop).now().timestamp()


class ServerClock:
    """The database's clock, for whoever asks it for each thing anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        return self._database.loop.wall() + timedelta(seconds=self._database.ahead)


def install(loop: VirtualLoop, seed: int) -> None:
    """In every module of the product `time` and `os.urandom` are the simulation's from now on."""
    dice = random.Random(f"urandom {seed}")
    wall = ProcessClock(loop)
    seconds = SimpleNamespace(
        monotonic=loop.time,
        perf_counter=loop.time,
        time=lambda: wall.now().timestamp(),
        time_ns=lambda: int(wall.now().timestamp() * 1e6) * 1000,
        clock_gettime=lambda _: loop.time() + loop.leaped,
        CLOCK_MONOTONIC=time.CLOCK_MONOTONIC,
        CLOCK_BOOTTIME=time.CLOCK_BOOTTIME,
        sleep=time.sleep,
    )
    system = _System(dice)
    for name, module in list(sys.modules.items()):
        if name.startswith("chorus") and not name.startswith("chorus_lab.local"):
            held = vars(module)
            if held.get("time") is time or isinstance(held.get("time"), SimpleNamespace):
                held["time"] = seconds
            if held.get("os") is os or isinstance(held.get("os"), _System):
                held["os"] = system


class _System:
    """`os`, but its randomness is the seed's."""

    def __init__(self, dice: random.Random) -> None:
        self.urandom = dice.randbytes

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)
