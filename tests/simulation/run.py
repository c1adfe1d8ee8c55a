"""One seed: a small world, steps of people and of trouble, then peace, and judgement."""

import asyncio
import random
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from chorus.documents import CommentPolicy, KindPolicy, PerPost, PodPolicy, RepostPolicy
from chorus_lab.seeding import Tenant, make_tenant
from tests.simulation import timekeeping
from tests.simulation.broker import Broker, Troubles
from tests.simulation.database import DUE, Database, empty
from tests.simulation.facts import Account, Facts
from tests.simulation.foci import PEOPLE, focus_of
from tests.simulation.invariants import LIMITS, Judge
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.network import Hostility, Network
from tests.simulation.people import WORDS, People
from tests.simulation.services import Harness, Running
from tests.simulation.timekeeping import ProcessClock

_HOURS = ((8, 18), (7, 9), (9, 12), None, None, None)


@dataclass(slots=True)
class Report:
    """What a seed found."""

    seed: int
    violations: list[str]
    steps: int = 0
    virtual: float = 0.0
    statements: int = 0
    calls: int = 0
    activities: int = 0
    trace: list[str] = field(default_factory=list)
    fingerprint: str = ""
    """Turns of the loop, statements, calls, virtual seconds: the same for the same run."""
    focus: str = ""


def run_seed(
    dsn: str,
    tables: list[str],
    seed: int,
    *,
    steps: int = 60,
    trace: bool = False,
    on: bool = False,
) -> Report:
    """Run one seed on a database that is emptied first."""
    empty(dsn, tables)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[_quiet])
    loop = VirtualLoop(seed)
    asyncio.set_event_loop(loop)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        simulation = Simulation(dsn, loop, seed, steps=steps, trace=trace, on=on)
        try:
            return loop.run_until_complete(simulation.run())
        finally:
            simulation.close()
            loop.end()


def _quiet(_logger: object, _name: str, _event: object) -> str:
    return ""


class Simulation:
    def __init__(
        self,
        dsn: str,
        loop: VirtualLoop,
        seed: int,
        *,
        steps: int,
        trace: bool,
        on: bool = False,
    ) -> None:
        timekeeping.install(loop, seed)
        self.seed, self.loop, self.steps, self._trace, self.on = seed, loop, steps, trace, on
        self.dice = random.Random(f"steps {seed}")
        self.harness = Harness(
            loop=loop,
            database=Database(dsn, loop, seed),
            broker=Broker(loop, seed),
            network=Network(loop, seed),
            clock=ProcessClock(loop),
        )
        self.focus_name, self.focus = focus_of(seed)
        self.facts = Facts()
        self.judge = Judge(self.harness, self.facts)
        self.report = Report(seed, [])
        self.processes: list[Running] = []
        self._frozen: list[Running] = []

    def close(self) -> None:
        for each in self.processes:
            self.loop.kill(each.process)
        self.harness.database.close()

    async def run(self) -> Report:
        tenants = [await self._tenant(number) for number in range(2)]
        self.people = People(self.harness, self.facts, tenants, self.seed, own=self.focus.own)
        self._set_the_scene()
        watch = self.loop.create_task(self.harness.broker.watch())
        for step in range(self.steps):
            await self._step(step)
            if self._enough():
                break
        if not self._enough():
            await self._peace()
        watch.cancel()
        return self._reported()

    def _reported(self) -> Report:
        report, harness = self.report, self.harness
        report.focus = self.focus_name
        report.violations = [str(each) for each in self.judge.found.values()]
        report.virtual = self.loop.time() + self.loop.leaped
        report.statements, report.calls = harness.database.statements, len(harness.network.calls)
        rows = harness.database.rows("select count(*) as n from scheduler.activities")
        report.activities = rows[0]["n"]
        report.fingerprint = (
            f"{self.loop.turns}/{report.statements}/{report.calls}/{self.loop.time():.6f}"
        )
        return report

    async def _tenant(self, number: int) -> Tenant:
        dice = self.dice
        connection = self.harness.database.connect(None)
        connection.slow = False
        via = "browser" if number == 1 else "api"
        approval = dice.choice(("auto", "required"))
        policy = PodPolicy(
            like=KindPolicy(
                from_seconds=10,
                to_seconds=120,
                jitter=0.1,
                per_post=PerPost(count=3, per_seconds=600),
            ),
            comment=CommentPolicy(from_seconds=30, to_seconds=240, jitter=0.1, approval=approval),
            repost=RepostPolicy(
                from_seconds=20, to_seconds=150, spread="uniform", comment_share=0.5
            ),
            on_publish=("like", "comment", "repost"),
            repost_via=via,
            approval_expires_seconds=dice.choice((600, 7200)),
            comment_texts=WORDS,
        )
        tenant = await make_tenant(
            connection, members=3, policy=policy, provider_prefix=f"acc{number}", name=f"T{number}"
        )
        await connection.close()
        for place, provider in enumerate(tenant.provider_ids):
            self._person(tenant, place, provider)
        for kind, limits in LIMITS.items():
            self.harness.database.change(
                "insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day,"
                " cooldown) values (%s, 'linkedin', %s, %s, %s, interval '30 seconds')",
                tenant.client_id,
                kind,
                limits[0][0],
                limits[1][0],
            )
        return tenant

    def _person(self, tenant: Tenant, place: int, provider: str) -> None:
        sandbox = self.harness.network.app.sandbox
        person = sandbox.state.add_person(name=f"Member {provider}")
        sandbox.state.add_account(person=person, created_ms=sandbox.now_ms(), account_id=provider)
        hours = self.dice.choice(_HOURS)
        account_id = tenant.accounts[place]
        if hours is not None:
            document = f'{{"opens": "{hours[0]:02}:00", "closes": "{hours[1]:02}:00"}}'
            self.harness.database.change(
                "update gateway.accounts set active_hours = %s, timezone = 'Europe/Berlin'"
                " where id = %s",
                document,
                account_id,
            )
        self.harness.database.change(
            "update gateway.accounts set connected_at = %s, profile_id = %s where id = %s",
            self.loop.wall() - timedelta(days=300),
            person.provider_id,
            account_id,
        )
        self.harness.database.change(
            "update gateway.pod_members set phrases = array['My own words: it''s ...', 'Well put']"
            " where id = %s",
            tenant.members[place],
        )
        self.facts.accounts[provider] = Account(
            client=tenant.client_id,
            account_id=account_id,
            provider_id=provider,
            user_id=tenant.user_id,
            pod_id=tenant.pod_id,
            member_id=tenant.members[place],
            hours=hours,
        )

    def _set_the_scene(self) -> None:
        dice, focus = self.dice, self.focus
        hostile = dice.choice((0.0, 1.0, 1.0, 2.0))
        shares = {
            "refused": 0.03 * hostile,
            "lost_before": 0.02 * hostile,
            "lost_after": 0.05 * hostile,
            "late": 0.02 * hostile * dice.choice((0, 1)),
            "slow_down": 0.03 * hostile,
            "broken": 0.03 * hostile,
            "challenge": 0.015 * hostile,
            "final": 0.01 * hostile,
            "unreadable": 0.05 * hostile,
            "lag": dice.choice((0.0, 0.0, 2.5)),
            **focus.hostility,
        }
        self.harness.network.hostility = Hostility(**shares, rewrites=dice.random() < 0.5)
        rough = dice.choice((0.0, 1.0, 1.0))
        usual = {"refused": 0.01, "twice": 0.05, "late": 0.03, "lost": 0.03}
        troubles = {**{name: rough * share for name, share in usual.items()}, **focus.broker}
        self.harness.broker.troubles = Troubles(**troubles)
        self.weights = {**PEOPLE, **focus.people}
        self.troubles: dict[str, int] = {
            "kill": dice.choice((0, 4, 10)),
            "freeze": dice.choice((0, 4, 10)),
            "broker": dice.choice((0, 2)),
            "slow": dice.choice((0, 2)),
            "clock": dice.choice((0, 0, 2)),
            "server_clock": dice.choice((0, 0, 2)),
            "calm": 40,
            **focus.troubles,
        }
        self._start()

    def _start(self) -> None:
        dice = self.dice
        names = ["scheduler-1", "executor-1", "executor-2", "browser-1", "gateway-1"]
        names += dice.choice(((), ("browser-2",), ("executor-3",), ("scheduler-2",)))
        self.processes = [Running(self.harness, name.split("-")[0], name) for name in names]
        for each in self.processes:
            each.start()
            each.process.ahead = dice.choice((0.0, 0.0, dice.uniform(-0.2, 0.2)))
        self.judge.skew = 0.25

    def _enough(self) -> bool:
        return bool(self.judge.found) and not self.on

    def _note(self, told: str) -> None:
        if self._trace:
            self.report.trace.append(f"{self.loop.wall():%d %H:%M:%S.%f} {told}")

    async def _step(self, step: int) -> None:
        dice = self.dice
        await self._pass(dice.choice((0.01, 0.1, 0.5, 1.5, 3.0, 6.0)) * dice.uniform(0.5, 1.5))
        self.report.steps = step + 1
        if dice.random() < 0.6:
            self._note(await self.people.act(self.weights))
        else:
            names = list(self.troubles)
            name = dice.choices(names, [self.troubles[each] for each in names])[0]
            self._note(f"{name} {await getattr(self, f'_{name}')() or ''}")
        if dice.random() < 0.15:
            self._leap()
        self.judge.look()

    # --- trouble ---

    async def _calm(self) -> str:
        return ""

    async def _kill(self) -> str:
        one = self.dice.choice(self.processes)
        one.kill()
        self.loop.call_later(self.dice.choice((0.2, 2.0, 8.0)), one.start)
        return one.name

    async def _freeze(self) -> str:
        one = self.dice.choice(self.processes)
        mine = one.process
        if mine.frozen or mine.dead:
            return ""
        seconds = self.dice.choice((0.5, 2.2, 3.5, 6.0, 12.0, 40.0)) * self.dice.uniform(0.8, 1.2)
        self.loop.freeze(mine)
        self.loop.call_later(seconds, self.loop.thaw, mine)
        if seconds > 15:
            self.loop.call_later(15.0, self._cut_idle, mine)
        return f"{one.name} for {seconds:.1f}"

    def _cut_idle(self, one: Process) -> None:
        """The server breaks off transactions that stand idle (`idle_in_transaction…`)."""
        if one.frozen and not one.dead:
            self.harness.database.cut(one, only_idle=True)

    async def _broker(self) -> str:
        self.harness.broker.away = True
        seconds = self.dice.choice((2.0, 10.0))

        def back() -> None:
            self.harness.broker.away = False

        self.loop.call_later(seconds, back)
        return f"away for {seconds}"

    async def _slow(self) -> str:
        database = self.harness.database
        database.slowness = self.dice.choice((10.0, 100.0, 300.0))

        def back() -> None:
            database.slowness = 1.0

        self.loop.call_later(self.dice.choice((1.0, 4.0)), back)
        return str(database.slowness)

    async def _clock(self) -> str:
        one = self.dice.choice(self.processes)
        one.process.ahead = self.dice.choice((0.4, -0.4, 2.0, -2.0, 660.0, -3600.0))
        return f"of {one.name} {one.process.ahead:+}"

    async def _server_clock(self) -> str:
        self.harness.database.ahead = self.dice.choice((4.0, -4.0, 150.0, -150.0, 0.0))
        self.judge.skew = max(self.judge.skew, abs(self.harness.database.ahead) + 0.25)
        return f"{self.harness.database.ahead:+}"

    # --- time ---

    def _leap(self) -> None:
        """To shortly before the next thing that is due, when nothing is under way."""
        seconds = min(self._idle_for(3600.0) - 5.0, 20 * 3600.0)
        if seconds > 20:
            self._note(f"leap by {seconds:.0f} s")
            self.loop.leap(seconds)
            self.harness.database.woken([DUE])

    def _idle_for(self, otherwise: float) -> float:
        """For how many seconds nothing will happen by itself; 0 where something is under way."""
        network, processes = self.harness.network, self.processes
        if network.under_way or any(p.process.frozen or p.process.dead for p in processes):
            return 0.0
        row = self.harness.database.rows(
            "select exists (select from scheduler.activities where state = 'dispatched')"
            " or exists (select from engagement.attempts where closed_at is null)"
            " or exists (select from scheduler.outbox) or exists (select from gateway.outbox)"
            " or exists (select from engagement.outbox) as busy,"
            " (select min(due_at) from scheduler.activities where state in ('scheduled', 'unknown')"
            "  and parked_by is null and not needs_person) as at"
        )[0]
        if row["busy"]:
            return 0.0
        return otherwise if row["at"] is None else (row["at"] - self.loop.wall()).total_seconds()

    async def _pass(self, seconds: float) -> None:
        """Let time pass; where nothing would happen in it, the whole machine sleeps through it."""
        if seconds > 1.0 and (idle := self._idle_for(3600.0)) > 2.0:
            leap = min(seconds, idle) - 0.7
            self.loop.leap(leap)
            self.harness.database.woken([DUE])
            seconds -= leap
        await asyncio.sleep(seconds)

    async def _peace(self) -> None:
        """No more trouble; people answer what waits for them; and time passes."""
        self.harness.network.hostility = Hostility(rewrites=self.harness.network.hostility.rewrites)
        self.harness.broker.troubles = Troubles()
        self.harness.network.challenged.clear()
        for each in self.processes:
            if each.process.frozen:
                self.loop.thaw(each.process)
        for _ in range(14):
            await self._pass(5.0)
        await self._answers()
        for _ in range(60):
            await self._pass(10.0)
            self.judge.look()
            if self._enough():
                return
            if await self._settled():
                break
            self._leap()
        for _ in range(9):
            await self._pass(5.0)
        self.judge.at_the_end()

    async def _answers(self) -> None:
        for row in self.harness.database.rows(
            "select id, client_id, scope, scope_id, code from scheduler.pauses"
            " where resumed_at is null order by id"
        ):
            await self.people.resume(row)
        for provider, line in self.facts.connected.items():
            if not line.now:
                account = self.facts.accounts[provider]
                line.say(self.people.wall(), True)
                self.harness.database.change(
                    "update gateway.accounts set status = 'connected' where id = %s",
                    account.account_id,
                )

    async def _settled(self) -> bool:
        rows = self.harness.database.rows(
            "select 1 from scheduler.activities where state in ('scheduled', 'dispatched')"
            " or state = 'unknown' and not needs_person"
            " or state = 'awaiting_approval' and approval_expires_at < %s"
            " union all select 1 from gateway.posts where state = 'resolving' limit 1",
            self.loop.wall(),
        )
        return not rows


Trouble = Callable[[], Awaitable[str]]
