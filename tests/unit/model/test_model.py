"""The product as a machine: every order of what can happen to an activity, judged by what the
network really saw. `make model EXAMPLES=10000` tries as many.
"""

import os
from datetime import UTC, time
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chorus.vocabulary import ApprovalMode, Kind, Lane, Mode, Platform, State
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.hours import ActiveHours, is_open
from chorus_scheduler.domain.instants import HOUR, MINUTE, SECOND
from chorus_scheduler.domain.limits import (
    LaneRate,
    RateLimit,
    Rule,
    account_rule,
    lane_rule,
    post_rule,
)
from chorus_scheduler.domain.states import FINAL
from tests.unit.model.ledger import Account, Ledger, Row, check_ledger
from tests.unit.model.network import ONCE, Made, World
from tests.unit.scheduler.test_sliding_windows_properties import breaks

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "60"))
START = 1_800_000_000 * SECOND
"""At 08:00 UTC."""
OURS, OTHERS = UUID(int=9), UUID(int=8)
WORKDAY = ActiveHours(zone=UTC, opens=time(8, 2), closes=time(8, 40))
PICK = st.integers(0, 11)
MOODS = st.sampled_from(
    [
        "ok",
        "ok",
        "ok",
        "late",
        "slow",
        "never",
        "blind",
        "refused",
        "shaky",
        "slow_down",
        "challenge",
    ]
)


def _rules(account: Account, post: UUID, kind: Kind, lane: Lane) -> tuple[Rule, ...]:
    limit = RateLimit(
        client_id=None,
        account_id=None,
        platform=Platform.LINKEDIN,
        kind=kind,
        per_hour=2,
        per_day=3,
        cooldown=90 * SECOND,
    )
    rate = LaneRate(at_once=1 if lane is Lane.BROWSER else 3)
    rules = (
        account_rule(limit, account.id, 365),
        post_rule(post, kind, 2, 5 * MINUTE),
        lane_rule(lane, rate),
    )
    return tuple(each for each in rules if each)


def _world() -> World:
    ada, bob, eve = (
        Account(id=UUID(int=number), client_id=client, kinds=set(Kind), hours=hours)
        for number, client, hours in ((21, OURS, WORKDAY), (22, OURS, None), (23, OTHERS, None))
    )
    plan = (
        (ada, 1, Kind.COMMENT, Lane.API, "t1"),
        (ada, 2, Kind.COMMENT, Lane.API, "t1"),
        (ada, 1, Kind.REPOST, Lane.BROWSER, "t1"),
        (bob, 1, Kind.COMMENT, Lane.API, "t1"),
        (bob, 1, Kind.LIKE, Lane.API, "t1"),
        (bob, 2, Kind.COMMENT, Lane.API, "t2"),
        (eve, 3, Kind.LIKE, Lane.API, "t3"),
    )
    rows = {}
    for number, (account, post, kind, lane, target) in enumerate(plan):
        post_id = UUID(int=post)
        row = Row(
            id=UUID(int=100 + number),
            post_id=post_id,
            account=account,
            kind=kind,
            lane=lane,
            target=target,
            rules=_rules(account, post_id, kind, lane),
            due_at=START + number * MINUTE,
            text=f"words {number}" if kind is not Kind.LIKE else "",
        )
        rows[row.id] = row
    first = rows[UUID(int=100)]
    first.state, first.approval = State.AWAITING_APPROVAL, "waiting"
    first.approval_expires_at = START + HOUR
    return World(ledger=Ledger(rows=rows), accounts=[ada, bob, eve], now=START)


class Product(RuleBasedStateMachine):
    """INVARIANT: all nine, whatever comes in whatever order, twice, late or never."""

    @initialize()
    def begin(self) -> None:
        self.world = _world()
        self.ledger = self.world.ledger

    def _row(self, pick: int) -> Row:
        return list(self.ledger.rows.values())[pick % len(self.ledger.rows)]

    def _account(self, pick: int) -> Account:
        return self.world.accounts[pick % len(self.world.accounts)]

    @rule(lost=st.booleans(), jump=st.booleans())
    def hand_over(self, lost: bool, jump: bool) -> None:
        """A round of the dispatcher; its process may die before anything is sent."""
        if jump:
            waiting = [r.due_at for r in self.ledger.rows.values() if _waits(r)]
            later = min(waiting, default=0) - self.world.now
            self.world.pass_time(max(0.0, later / SECOND) + 1)
        now = self.world.now
        before = {row.id: row.due_at for row in self.ledger.rows.values()}
        commands = self.ledger.dispatch(now)
        for command in commands:
            row = self.ledger.rows[command.activity_id]
            if command.mode is Mode.PERFORM:
                assert is_open(row.account.hours, max(now, before[row.id]))
        self.world.mail += [] if lost else commands

    @precondition(lambda self: self.world.mail)
    @rule(pick=PICK, worker=PICK, fate=st.sampled_from(["once", "once", "twice", "lost"]))
    def message(self, pick: int, worker: int, fate: str) -> None:
        world = self.world
        if world.mail:
            message = world.mail.pop(pick % len(world.mail))
            if fate != "lost":
                lives = [each for each in world.workers if each.lives] or world.workers
                world.deliver(message, lives[worker % len(lives)])
            if fate == "twice":
                world.mail.append(message)

    @precondition(lambda self: any(j.ended is None for j in self.world.journal.values()))
    @rule(pick=PICK, mood=MOODS, deaf=st.booleans())
    def call_or_look(self, pick: int, mood: str, deaf: bool) -> None:
        """An executor goes on with one of its jobs; and perhaps with what comes of it at once."""
        jobs = [each for each in self.world.journal.values() if each.ended is None]
        if jobs:
            job = jobs[pick % len(jobs)]
            self.world.work(job, mood)
            if not deaf:
                self.world.work(job, mood)

    @precondition(lambda self: self.world.news)
    @rule(pick=PICK, again=st.booleans(), lost=st.sampled_from([False, False, False, True]))
    def outcome(self, pick: int, again: bool, lost: bool) -> None:
        """An outcome is heard: late, out of order, twice; or only when it is said again."""
        news = self.world.news
        if news:
            event = news.pop(pick % len(news))
            if not lost:
                self.ledger.settle(event, self.world.now)
            if again:
                news.append(event)

    @rule()
    def sweep(self) -> None:
        self.world.mail += self.ledger.sweep(self.world.now)

    @rule(pick=PICK, by_owner=st.booleans())
    def approve(self, pick: int, by_owner: bool) -> None:
        row = self._row(pick * 7)
        self.ledger.approve(row, self.world.now, "other words", by_owner=by_owner)

    @rule(pick=PICK, mode=st.sampled_from(ApprovalMode), kind=st.sampled_from(ONCE))
    def choose_mode(self, pick: int, mode: ApprovalMode, kind: Kind) -> None:
        """An owner leaves less to Chorus, or more; the word to the ledger may be lost."""
        self._account(pick).modes[kind] = mode

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        self.ledger.cancel(self._row(pick))

    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        self.ledger.retry(self._row(pick), self.world.now)

    @precondition(lambda self: any(row.needs_person for row in self.ledger.rows.values()))
    @rule(pick=PICK)
    def decide(self, pick: int) -> None:
        """A person looks, for as long as it takes, and says what is there."""
        row = self._row(pick)
        if row.needs_person:
            self.world.pass_time(40)
            self.ledger.decide(row, self.world.now, happened=self.world.happened(row))

    @rule(pick=PICK, scope=st.sampled_from(["everything", "tenant", "account"]))
    def pause(self, pick: int, scope: str) -> None:
        account = self._account(pick)
        client = None if scope == "everything" else account.client_id
        scope_id = account.id if scope == "account" else None
        self.ledger.pause(scope, client, scope_id, self.world.now)

    @precondition(lambda self: self.ledger.pauses)
    @rule(pick=PICK)
    def resume(self, pick: int) -> None:
        if self.ledger.pauses:
            self._resume(pick)

    def _resume(self, pick: int) -> None:
        pause = self.ledger.pauses[pick % len(self.ledger.pauses)]
        self.ledger.resume(pause, self.world.now)
        if pause.code == "challenge" and pause.scope_id:
            self.world.challenged.discard(pause.scope_id)

    @rule(pick=PICK, kind=st.sampled_from([Kind.LIKE, Kind.COMMENT, Kind.REPOST]))
    def withdraw(self, pick: int, kind: Kind) -> None:
        self._account(pick).kinds.discard(kind)

    @precondition(lambda self: any(len(a.kinds) < len(Kind) for a in self.world.accounts))
    @rule(pick=PICK)
    def agree_again(self, pick: int) -> None:
        self._account(pick).kinds.update(Kind)

    @rule(pick=PICK, member=st.booleans())
    def remove_or_bring_back(self, pick: int, member: bool) -> None:
        self._account(pick).member = member

    @rule(pick=PICK, connected=st.booleans())
    def disconnect_or_reconnect(self, pick: int, connected: bool) -> None:
        self._account(pick).connected = connected

    @rule(pick=PICK, what=st.sampled_from(["freeze", "wake", "restart"]))
    def worker(self, pick: int, what: str) -> None:
        worker = self.world.workers[-1 - pick % 2]
        if what == "restart" and len(self.world.workers) < 6:
            self.world.restart(worker)
        worker.frozen = what == "freeze"

    @rule(pick=PICK)
    def by_hand(self, pick: int) -> None:
        row = self._row(pick)
        if not self.world.happened(row) and not self._under_way(row):
            self.world.by_hand(row)

    @rule(pick=PICK)
    def i_did_it(self, pick: int) -> None:
        """The account's person does it by hand, and says so."""
        row = self._row(pick)
        self.by_hand(pick)
        if any(made.by_hand and made.activity == row.id for made in self.world.made):
            self.ledger.done_by_hand(row, self.world.now)

    def _under_way(self, row: Row) -> bool:
        jobs = self.world.journal.values()
        return any(j.command.activity_id == row.id and j.called_at is not None for j in jobs)

    @rule(seconds=st.sampled_from([1, 4, 20, 61, 601, 3700, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(seconds=st.sampled_from([-20, -2, 5, 60, 4000]))
    def clock_is_stepped(self, seconds: int) -> None:
        self.world.now += seconds * SECOND

    @rule(seconds=st.sampled_from([10, 100]))
    def machine_is_suspended(self, seconds: int) -> None:
        self.world.true += seconds
        self.world.now += seconds * SECOND

    @invariant()
    def never_twice(self) -> None:
        if hasattr(self, "world"):
            assert not self.world.doubled()

    @invariant()
    def never_lost(self) -> None:
        """What happened is known, or looked for; what is open has a next moment, or a person."""
        for row in self.ledger.rows.values() if hasattr(self, "world") else ():
            ours = [m for m in self.world.made if m.activity == row.id and not m.by_hand]
            if ours and not row.unheard:
                assert row.effect is not Effect.NONE
            if row.effect is Effect.SEEN:
                assert any(made.activity == row.id for made in self.world.made)
            assert not self.ledger.stands_still(row, self.world.now)

    @invariant()
    def the_database_would_take_it(self) -> None:
        if hasattr(self, "world"):
            check_ledger(self.ledger.rows.values())

    @invariant()
    def one_execution_is_out(self) -> None:
        for row in self.ledger.rows.values() if hasattr(self, "world") else ():
            assert row.unheard <= {row.execution}
            held = {s for s, g in self.ledger.gates.items() for x in g.in_flight if x[0] == row.id}
            acts = row.unheard and row.mode is Mode.PERFORM
            assert held == (set(row.gate_scopes) if acts else set())

    @invariant()
    def never_above_a_limit(self) -> None:
        """By the clock of the ledger, which may be stepped, and by the true one."""
        for row in self.ledger.rows.values() if hasattr(self, "world") else ():
            for each in row.rules[:2]:
                made = [m for m in self.world.made if not m.by_hand and self._counts(m, each)]
                stamps = sorted(m.stamp for m in made)
                true = sorted(int(m.true * SECOND) for m in made)
                for limit in each.limits:
                    assert not (breaks(stamps, limit) and breaks(true, limit)), limit

    def _counts(self, made: Made, each: Rule) -> bool:
        row = self.ledger.rows[made.activity]
        return each.scope in {rule.scope for rule in row.rules}

    @invariant()
    def nobody_is_stopped_by_another(self) -> None:
        for row in self.ledger.rows.values() if hasattr(self, "world") else ():
            for pause in self.ledger.pauses:
                if row.parked_by == pause.id:
                    assert pause.scope == "everything" or pause.client_id == row.account.client_id

    def teardown(self) -> None:
        """INVARIANT: in fine weather everything ends: done, with a person, or with why."""
        if not hasattr(self, "world"):
            return
        world = self.world
        while self.ledger.pauses:
            self._resume(0)
        world.challenged.clear()
        for worker in world.workers:
            worker.frozen = False
        for account in world.accounts:
            account.connected = True
        for _ in range(400):
            if all(row.state in FINAL or row.needs_person for row in self.ledger.rows.values()):
                break
            self._fine_weather()
        for row in self.ledger.rows.values():
            assert row.state in FINAL or row.needs_person, row
            assert row.state is not State.SKIPPED or row.reason
        self.never_twice()
        self.never_lost()
        self.never_above_a_limit()

    def _fine_weather(self) -> None:
        world, mail = self.world, self.world.mail
        mail += [*self.ledger.dispatch(world.now), *self.ledger.sweep(world.now)]
        lives = [each for each in world.workers if each.lives]
        while mail:
            world.deliver(mail.pop(), lives[0])
        for _ in range(2):
            for job in list(world.journal.values()):
                world.work(job, "ok")
        while world.news:
            self.ledger.settle(world.news.pop(), world.now)
        while self.ledger.pauses:
            self._resume(0)
        rows = self.ledger.rows.values()
        waiting = [row.due_at for row in rows if _waits(row)]
        asked = State.AWAITING_APPROVAL
        waiting += [row.approval_expires_at for row in rows if row.state is asked]
        later = (min(waiting, default=world.now) - world.now) / SECOND
        open_now = any(row.unheard for row in self.ledger.rows.values())
        world.pass_time(20 if open_now else min(max(20.0, later), 90_000.0))


def _waits(row: Row) -> bool:
    open_still = row.state in (State.SCHEDULED, State.UNKNOWN)
    return open_still and row.parked_by is None and not row.needs_person


TestProduct = Product.TestCase
TestProduct.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
