"""One run: a workload, a plan of disturbances, and the verdict on what came of it."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from chorus.vocabulary import Kind
from chorus_lab.client import Effect, SandboxClient
from chorus_lab.stack import Stack
from tests.chaos.disturbing import Disturber, Say
from tests.chaos.harness import PROCESSES
from tests.chaos.judge import Evidence, Verdict, judge
from tests.chaos.ledger import Ledger
from tests.chaos.plan import Plan
from tests.chaos.stories import story
from tests.chaos.supervisor import Supervisor
from tests.chaos.workload import Author, Size, Workload

ROOT = Path(__file__).parents[2]
SETTLE_WITHIN_S = 300.0
_STORIES = 5


@dataclass(slots=True, kw_only=True)
class Report:
    """`first`: before a person did anything; `last`: after they put back what had given up."""

    first: Verdict
    last: Verdict
    intents: int
    kills: list[str]
    met: list[str]
    own_ends: list[tuple[str, str]]
    copies: int
    seconds: float
    put_back: int = 0
    stories: list[str] = field(default_factory=list)


class Run:
    """Over a stack that is up. Several may follow each other on one stack."""

    def __init__(self, stack: Stack, *, seed: int, say: Say = lambda _: None) -> None:
        self.stack = stack
        self.seed = seed
        self.say = say
        self.sandbox = SandboxClient(stack.urls["sandbox"])
        self.ledger = Ledger(stack.owner_dsn)
        self.workload = Workload()

    def plan_work(self, size: Size) -> Workload:
        """Write the workload; from now on it comes due."""
        author = Author(self.stack.owner_dsn, self.sandbox, seed=self.seed)
        self.workload = asyncio.run(author.write(size))
        return self.workload

    def weather(self, plan: Plan) -> Report:
        """Carry out a plan while copies of old messages come in, and judge."""
        return self.endure(lambda disturber: disturber.carry_out(plan), echo=True)

    def endure(self, disturb: Callable[[Disturber], None], *, echo: bool = False) -> Report:
        """Disturb, wait until all has settled, judge, put back what gave up, judge again."""
        began = time.monotonic()
        copies = self.stack.folder.path / "copies"
        copies.unlink(missing_ok=True)
        with Supervisor(self.stack, PROCESSES) as supervisor:
            disturber = Disturber(
                self.stack, supervisor, self.sandbox, self.ledger, self.say, self.awaits
            )
            with self._echo(copies) if echo else nullcontext():
                disturb(disturber)
                supervisor.wait_ready(within_s=180)
                self.settle()
            first = self.verdict(final=False)
            put_back = self._put_back(first)
            self.settle()
            last = self.verdict(final=True)
        return Report(
            first=first,
            last=last,
            intents=len(self.workload.intents),
            kills=supervisor.kills,
            met=disturber.met,
            own_ends=supervisor.own_ends,
            copies=int(copies.read_text()) if copies.exists() else 0,
            seconds=time.monotonic() - began,
            put_back=put_back,
            stories=self.stories(first) + self.stories(last),
        )

    def awaits(self, kind: str) -> bool:
        """Whether an act of this kind that no limit puts off has not happened yet."""
        return self.left(kind) > 0

    def left(self, kind: str) -> int:
        """How many acts of this kind that no limit puts off have not happened yet."""
        done = sum(effect.kind == kind for effect in self._effects())
        wanted = sum(each.kind == kind and not each.capped for each in self.workload.intents)
        return max(0, wanted - done)

    def _effects(self) -> list[Effect]:
        """Those of this run's accounts: others may have had the stack before."""
        ours = {intent.provider_id for intent in self.workload.intents}
        return [effect for effect in self.sandbox.truth() if effect.account_id in ours]

    def settle(self, *, within_s: float = SETTLE_WITHIN_S) -> bool:
        """Wait until nothing moves any more; False after the bound (the judge names what is open).

        Long back-offs are cut short, as nobody wants to wait for ten minutes.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.ledger.hurry(self.workload.clients)
            if self._at_rest():
                return True
            time.sleep(1.0)
        self.say(f"not at rest after {within_s:.0f} s")
        return False

    def _at_rest(self) -> bool:
        verdict = self.verdict(final=False)
        moving = (verdict.count(what) for what in ("open", "unplanned", "untold"))
        return not (any(moving) or self.ledger.unsent())

    def verdict(self, *, final: bool) -> Verdict:
        return judge(self.evidence(), final=final)

    def evidence(self) -> Evidence:
        clients = self.workload.clients
        effects = self._effects()
        texts = {effect.text: effect.post_id for effect in effects if effect.kind is Kind.PUBLISH}
        published = {
            intent.post_id: texts[intent.text]
            for intent in self.workload.intents
            if intent.text in texts
        }
        return Evidence(
            intents=self.workload.intents,
            effects=effects,
            socials=self.workload.socials | {p: s for p, s in published.items() if s},
            activities=self.ledger.activities(clients),
            attempts=self.ledger.attempts(clients),
            decisions=self.ledger.decisions(clients),
            posts=self.ledger.posts(clients),
            now=datetime.now(UTC),
        )

    def _put_back(self, verdict: Verdict) -> int:
        """What a person does in the manual queue: look at it, and have it tried again (E7)."""
        token = self.stack.environment("scheduler")["CHORUS_INTERNAL_TOKEN"]
        owners = {
            row["id"]: row["client_id"] for row in self.ledger.activities(self.workload.clients)
        }
        for activity in verdict.at_rest:
            answer = httpx.post(
                f"{self.stack.urls['scheduler']}/internal/activities/{activity}/retry",
                headers={"Authorization": f"Bearer {token}"},
                json={"client_id": str(owners[activity]), "actor": "chaos", "reason": "Once more."},
                timeout=10,
                trust_env=False,
            )
            answer.raise_for_status()
        return len(verdict.at_rest)

    def stories(self, verdict: Verdict) -> list[str]:
        accused = sorted(verdict.accused)[:_STORIES]
        return [story(self.ledger, self.sandbox, activity) for activity in accused]

    @contextmanager
    def _echo(self, count_file: Path) -> Iterator[None]:
        arguments = [str(self.seed), str(count_file)]
        with (
            (self.stack.folder.logs / "echo.log").open("wb") as log,
            subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.echo", *arguments],
                cwd=ROOT,
                env={**os.environ, **self.stack.broker_environment()},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            ) as echo,
        ):
            try:
                yield
                assert echo.poll() is None, "the echo has ended by itself"
            finally:
                echo.kill()
