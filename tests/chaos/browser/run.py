"""One run: a workload, faults, strikes, and the verdict on what came of it."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chorus_lab.client import SandboxClient
from chorus_lab.stack import Stack
from tests.chaos.browser import browser_processes, workload
from tests.chaos.browser.harness import BROWSER_SERVICES, PROCESSES
from tests.chaos.browser.killer import Killer, Struck
from tests.chaos.browser.plan import Strike
from tests.chaos.disturbing import Say
from tests.chaos.judge import Evidence, Verdict, judge
from tests.chaos.ledger import Ledger
from tests.chaos.plan import NetworkFault
from tests.chaos.stories import story
from tests.chaos.supervisor import Supervisor
from tests.chaos.workload import Workload

_HURRY_EVERY_S = 1.0
_STORIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`window`: the reposts come due at random within so many seconds."""

    reposts: int
    window: float
    settle_within_s: float = 300.0


@dataclass(slots=True, kw_only=True)
class Report:
    """`verdict`: before a person did anything."""

    seed: int
    verdict: Verdict
    intents: int
    struck: Struck
    seconds: float
    hits: dict[str, int]
    """How often each kind of fault struck."""
    attempts: Counter[int]
    """How many reposts ended with which attempt."""
    failures: Counter[str]
    """Codes of attempts that failed, those that were tried again too."""
    given_up: Counter[str]
    decisions: Counter[str]
    strangers: list[int]
    defunct: list[int]
    folders_running: int
    own_ends: list[tuple[str, str]]
    stories: list[str] = field(default_factory=list)

    @property
    def success(self) -> float:
        return self.verdict.states["executed"] / self.intents

    @property
    def faultless(self) -> bool:
        """Nothing doubled, lost, stuck or unexplained, and nothing left behind."""
        left = [*self.strangers, *self.defunct, *self.struck.orphans]
        return self.verdict.clean and not left and self.folders_running == len(BROWSER_SERVICES)


class Run:
    """Over a stack that is up, whose browsers keep their files in `browsers`."""

    def __init__(self, stack: Stack, browsers: Path, *, seed: int, say: Say) -> None:
        self.stack = stack
        self.seed = seed
        self._browsers = browsers
        self._say = say
        self._sandbox = SandboxClient(stack.urls["sandbox"])
        self._ledger = Ledger(stack.owner_dsn)
        self._work = Workload()

    def endure(
        self, size: Size, strikes: Sequence[Strike] = (), faults: Sequence[NetworkFault] = ()
    ) -> Report:
        """Let all of it happen, wait until nothing moves any more, and judge."""
        began = time.monotonic()
        self._start_faults(faults)
        self._work = workload.write(
            self.stack.owner_dsn, self._sandbox, reposts=size.reposts, window=size.window
        )
        with Supervisor(self.stack, PROCESSES) as supervisor, ExitStack() as until_the_end:
            until_the_end.enter_context(_Hurry(self._ledger, self._work))
            killer = Killer(self.stack, supervisor, self._sandbox, self._ledger, self._say)
            for strike in strikes:
                killer.strike(strike)
            supervisor.wait_ready(within_s=180)
            self._settle(size.settle_within_s)
            report = self._report(killer.struck, supervisor.own_ends)
        report.seconds = time.monotonic() - began
        self._sandbox.clear_faults()
        self._sandbox.close()
        return report

    def _start_faults(self, faults: Sequence[NetworkFault]) -> None:
        for number, fault in enumerate(faults):
            self._sandbox.add_fault(
                fault.kind,
                match=fault.match,
                times=-1,
                probability=fault.probability,
                seed=self.seed + number,
                **fault.more,
            )

    def _settle(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            verdict = self._verdict()
            if not (verdict.count("open") or verdict.count("unplanned") or self._ledger.unsent()):
                return
            time.sleep(1.0)
        self._say(f"not at rest after {within_s:.0f} s")

    def _verdict(self) -> Verdict:
        clients = self._work.clients
        return judge(
            Evidence(
                intents=self._work.intents,
                effects=self._sandbox.truth(),
                socials=self._work.socials,
                activities=self._ledger.activities(clients),
                attempts=self._ledger.attempts(clients),
                decisions=self._ledger.decisions(clients),
                posts=[],
                now=datetime.now(UTC),
            ),
            final=False,
        )

    def _report(self, struck: Struck, own_ends: list[tuple[str, str]]) -> Report:
        verdict, clients = self._verdict(), self._work.clients
        activities = self._ledger.activities(clients)
        failed = [row for row in self._ledger.attempts(clients) if row["failure"]]
        pids = [self.stack.process(name).pid for name in BROWSER_SERVICES]
        everybody = [*pids, self.stack.process("scheduler").pid]
        accused = sorted({*verdict.accused, *verdict.at_rest})[:_STORIES]
        return Report(
            seed=self.seed,
            verdict=verdict,
            intents=len(self._work.intents),
            struck=struck,
            seconds=0.0,
            hits=_hits(self._sandbox),
            attempts=Counter(row["attempt"] for row in activities),
            failures=Counter(str(row["failure"].get("code")) for row in failed),
            given_up=Counter(row["reason_code"] for row in activities if row["needs_person"]),
            decisions=Counter(row["code"] for row in self._ledger.decisions(clients)),
            strangers=browser_processes.strangers(self._browsers, everybody),
            defunct=[each for pid in pids for each in browser_processes.defunct(pid)],
            folders_running=len(browser_processes.folders(self._browsers)),
            own_ends=own_ends,
            stories=[story(self._ledger, self._sandbox, activity) for activity in accused],
        )


class _Hurry:
    """Cuts the minutes between attempts short, as `Ledger.hurry` says, while the block lasts."""

    def __init__(self, ledger: Ledger, work: Workload) -> None:
        self._ledger = ledger
        self._work = work
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hurry")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(_HURRY_EVERY_S):
            self._ledger.hurry(self._work.clients)


def _hits(sandbox: SandboxClient) -> dict[str, int]:
    found: Counter[str] = Counter()
    for fault in sandbox.faults():
        name = fault["type"] or fault["kind"]
        found[f"{fault['match'].get('route', 'any')} {name}"] += fault["hits"]
    return dict(found)
