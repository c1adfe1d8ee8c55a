"""Carries out strikes, one after the other, in a thread that looks on while the work goes on."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from chorus_lab.client import ApiError, SandboxClient
from chorus_lab.stack import Stack
from chorus_lab.stack.program import Program
from tests.chaos.browser import browser_processes
from tests.chaos.browser.plan import Strike, Victim
from tests.chaos.disturbing import Say
from tests.chaos.ledger import Ledger
from tests.chaos.plan import Place
from tests.chaos.supervisor import Supervisor

_HOLD_POINT_TIMEOUT_S = 40.0
_VICTIM_PATIENCE_S = 60.0
_ORPHANS_WITHIN_S = 15.0
_NOBODY_CAME = 408
_HOLDERS = """
select distinct w.instance from engagement.attempts a
join engagement.workers w on w.id = a.worker_id
where a.closed_at is null and (a.command ->> 'due_at')::timestamptz <= now()
  and (%(accounts)s::text[] is null or a.command ->> 'provider_account_id' = any(%(accounts)s))
"""


@dataclass(slots=True, kw_only=True)
class Struck:
    """What was met. `orphans`: ids that still worked long after the service that they served."""

    kills: list[Victim] = field(default_factory=list)
    at_hold_points: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    slowest_end_s: float = 0.0
    """The longest that a driver or browser outlived its service."""


class Killer:
    def __init__(
        self, stack: Stack, supervisor: Supervisor, sandbox: SandboxClient, ledger: Ledger, say: Say
    ) -> None:
        self._stack = stack
        self._supervisor = supervisor
        self._sandbox = sandbox
        self._ledger = ledger
        self._say = say
        self.struck = Struck()

    def strike(self, strike: Strike) -> None:
        """One SIGKILL. Where nobody comes to the hold point it meets whoever is there."""
        time.sleep(strike.pause)
        if not strike.place:
            self._meet(strike, [strike.whom])
            return
        try:
            with self._hold_point(strike.place) as names:
                self._meet(strike, names or [strike.whom], at_hold_point=bool(names))
                time.sleep(strike.lasts)
        except ApiError as error:
            if error.status != _NOBODY_CAME:
                raise
            self._say(f"nobody came to the hold point {strike.place} its write")
            self._meet(strike, [strike.whom])

    @contextmanager
    def _hold_point(self, place: Place) -> Iterator[list[str]]:
        """Holds writes; entered when one is held, with the services that may wait for it."""
        last = max((effect.seq for effect in self._sandbox.truth()), default=0)
        point = self._sandbox.add_hold_point(when=place, match={"route": "repost"})
        try:
            self._sandbox.wait_at_hold_point(point, within_s=_HOLD_POINT_TIMEOUT_S)
            met = [effect.account_id for effect in self._sandbox.truth() if effect.seq > last]
            yield self._holders(met if place == "after" else None)
        finally:
            self._sandbox.release_hold_point(point)

    def _holders(self, accounts: list[str] | None) -> list[str]:
        rows = self._ledger.ask(_HOLDERS, {"accounts": accounts})
        pids = (int(row["instance"].rsplit("-", 2)[1]) for row in rows)
        return sorted({name for pid in pids if (name := self._supervisor.name_of(pid)) is not None})

    def _meet(self, strike: Strike, names: list[str], *, at_hold_point: bool = False) -> None:
        name = strike.whom if strike.whom in names else names[0]
        if strike.victim is Victim.SERVICE:
            hit = self._kill_service(name, strike.lasts)
        else:
            hit = self._kill_below(name, strike.victim)
        if not hit:
            self.struck.missed.append(str(strike))
            return
        self.struck.kills.append(strike.victim)
        if at_hold_point:
            self.struck.at_hold_points.append(f"{strike.victim} {strike.place}")

    def _kill_below(self, name: str, victim: Victim) -> bool:
        """A driver or a browser of a service, as soon as it has one."""
        find = browser_processes.drivers if victim is Victim.DRIVER else browser_processes.browsers
        gives_up = time.monotonic() + _VICTIM_PATIENCE_S
        while time.monotonic() < gives_up:
            program = self._stack.process(name)
            for found in find(program.pid) if program.running else []:
                try:
                    found.kill()
                except psutil.NoSuchProcess:
                    continue
                return True
            time.sleep(0.1)
        return False

    def _kill_service(self, name: str, away_s: float) -> bool:
        """The service alone, unlike the stack's own kill, which takes its children along."""
        with self._supervisor.holding(name):
            program = self._stack.process(name)
            if not program.running:
                return False
            below = browser_processes.family(program.pid)
            os.kill(program.pid, signal.SIGKILL)
            _wait_for_end(program)
            self._stack.kill(name)
            time.sleep(away_s)
        left, took = browser_processes.outlast(below, within_s=_ORPHANS_WITHIN_S)
        self.struck.orphans += left
        self.struck.slowest_end_s = max(self.struck.slowest_end_s, took)
        return True


def _wait_for_end(program: Program) -> None:
    while program.running:
        time.sleep(0.005)
