"""The network as it really is, and executors that see of it what they may."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chorus.events import ActivityDue, ActivityExecuted, CallResult, Failure
from chorus.vocabulary import ApprovalMode, ErrorType, Kind, Mode, State
from chorus_execution.domain import outcomes
from chorus_execution.domain.eligibility import ALREADY_DONE, Eligibility, withheld
from chorus_execution.domain.outcomes import Execution
from chorus_execution.domain.verify_schedule import VerifySchedule
from chorus_execution.journal.silence import Sign, Silences
from chorus_scheduler.domain.handover import Due
from chorus_scheduler.domain.hours import is_open
from chorus_scheduler.domain.instants import SECOND, Micros, to_datetime
from tests.unit.model.ledger import WITHIN, Account, Ledger, Row

WORKS = 35.0
"""Seconds within which a call takes effect and is listed, or never does."""
PLAN = VerifySchedule()
FAILURES = {
    "refused": Failure(error_type=ErrorType.API_ERROR, message="no", retryable=False),
    "shaky": Failure(error_type=ErrorType.NETWORK_ERROR, message="shaky", retryable=True),
    "slow_down": Failure(error_type=ErrorType.RATE_LIMIT, message="slow down", retryable=True),
    "challenge": Failure(
        error_type=ErrorType.AUTH_ERROR, message="Who are you?", retryable=False, challenge=True
    ),
}
ONCE = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)
"""What a person can do by hand in our place; a second one changes, adds to or doubles the first."""


@dataclass
class Made:
    """One effect. `shown`: the true instant from which listings show it."""

    activity: UUID
    key: tuple[UUID, Kind, str]
    shown: float
    text: str
    stamp: Micros
    true: float
    by_hand: bool = False


@dataclass
class Attempt:
    """One row of the executors' journal, and how far its worker has come."""

    command: ActivityDue
    worker: int
    suspect: bool = False
    """Whoever holds it has to look first: a call of it may have been made."""
    suspect_until: float = 0.0
    called_at: Micros | None = None
    looks_end: float | None = None
    answer: str | None = None
    ended: ActivityExecuted | None = None


@dataclass
class Worker:
    """A process. Frozen ones neither beat nor act; dead ones never will."""

    id: int
    frozen: bool = False
    dead: bool = False
    beats: int = 0
    seen: float = 0.0
    silences: Silences = field(default_factory=lambda: Silences(dead_after=15.0, gone_after=6.0))

    @property
    def lives(self) -> bool:
        return not (self.frozen or self.dead)


@dataclass
class World:
    """Everything outside the ledger. `now` is the database's clock, `true` nobody's."""

    ledger: Ledger
    accounts: list[Account]
    now: Micros
    true: float = 0.0
    made: list[Made] = field(default_factory=list)
    mail: list[ActivityDue] = field(default_factory=list)
    news: list[ActivityExecuted] = field(default_factory=list)
    journal: dict[tuple[UUID, int], Attempt] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=lambda: [Worker(0), Worker(1)])
    challenged: set[UUID] = field(default_factory=set)

    def eligibility(self, row: Row) -> Eligibility:
        """What the executors' views say of a row."""
        account = row.account
        pause = next((p for p in self.ledger.pauses if p.covers(_whom(row))), None)
        return Eligibility(
            state=row.state,
            execution=row.execution,
            pause_code=None if pause is None else pause.code,
            pause_reason=None if pause is None else pause.reason,
            account_status="connected" if account.connected else "needs_login",
            consented={kind.value for kind in account.kinds},
            asks_member=True,
            takes_part=account.member or None,
            member_kinds={kind.value for kind in Kind} if account.member else frozenset(),
            challenged=account.id in self.challenged,
            acts_until=to_datetime(row.acts_until),
            approval_mode=account.modes.get(row.kind),
            owner_agreed=row.approval == "given" and row.owner_agreed,
        )

    def deliver(self, message: ActivityDue, worker: Worker) -> None:
        """A command reaches an executor; what it says is held against the ledger."""
        key = (message.activity_id, message.execution)
        row = self.ledger.rows[message.activity_id]
        if not worker.lives:
            return
        if key in self.journal:
            ended = self.journal[key].ended
            if ended is not None:
                self.news.append(ended)
            return
        attempt = self.journal[key] = Attempt(command=message, worker=worker.id)
        refused = withheld(message, self.eligibility(row), self._at())
        if refused is not None:
            self._end(attempt, outcomes.withhold(self._execution(attempt), refused, self._at()))

    def work(self, attempt: Attempt, mood: str) -> None:
        """The worker of an attempt goes on as far as it can without waiting."""
        if attempt.ended is not None or not self._worker(attempt).lives:
            return
        if attempt.answer is not None:
            self._conclude(attempt, mood)
        elif attempt.command.mode is Mode.VERIFY or attempt.suspect:
            self._look(attempt, mood)
        else:
            self._call(attempt, mood)

    def _look(self, attempt: Attempt, mood: str) -> None:
        """Until it is found, or nothing can come any more; then on to the call, if it was one."""
        execution = self._execution(attempt)
        verify = attempt.command.mode is Mode.VERIFY
        if verify and not self._performed(attempt):
            self._end(attempt, outcomes.nothing_known(execution, self._at()))
            return
        seen = self._seen(attempt, mood)
        if seen == "absent" and verify:
            self._end(attempt, outcomes.not_there(execution, self._at()))
        elif seen == "absent":
            attempt.suspect, attempt.looks_end = False, None
        elif seen is not None:
            self._tell(attempt, seen)

    def _seen(self, attempt: Attempt, mood: str) -> str | None:
        """`found`, `absent`, `cannot tell`, `challenge`; None: not yet."""
        if mood == "challenge":
            self.challenged.add(attempt.command.account_id)
            return mood
        if attempt.looks_end is None:
            effect_window = self._effect_window(attempt.command.activity_id)
            attempt.looks_end = self.true + sum(PLAN.waits(effect_window=effect_window))
        if self._shown(attempt):
            return "found"
        if self.true < attempt.looks_end:
            return None
        return "cannot tell" if mood == "blind" else "absent"

    def _tell(self, attempt: Attempt, seen: str) -> None:
        execution, now = self._execution(attempt), self._at()
        if seen == "found":
            result = CallResult(provider_id="id", answer="ok")
            self._end(attempt, outcomes.executed(execution, result, now, verified=True))
            return
        event = outcomes.nothing_known(execution, now)
        if seen == "challenge":
            event = event.model_copy(update={"failure": FAILURES["challenge"]})
        self._end(attempt, event)

    def _call(self, attempt: Attempt, mood: str) -> None:
        """The permit and the one request: nothing comes between them."""
        command, row = attempt.command, self.ledger.rows[attempt.command.activity_id]
        if self._performed(attempt) and self._shown(attempt):
            self._tell(attempt, "found")
            return
        refused = withheld(command, self.eligibility(row), self._at())
        hand = any(each.by_hand and each.key == row.key for each in self.made)
        if refused is None and hand and command.kind in ONCE:
            refused = ALREADY_DONE
        if refused is not None:
            self._end(attempt, outcomes.withhold(self._execution(attempt), refused, self._at()))
            return
        self._may_be_asked_for(row, command)
        attempt.called_at, attempt.answer = self.now, mood
        attempt.suspect_until, attempt.looks_end = self.true + WORKS, None
        if mood in ("ok", "late", "slow", "blind"):
            self._make(row, attempt, late={"late": 5.0, "slow": 34.0}.get(mood, 0.0))
        if mood == "challenge":
            self.challenged.add(command.account_id)

    def _make(self, row: Row, attempt: Attempt, *, late: float) -> None:
        made = Made(
            activity=row.id,
            key=row.key,
            shown=self.true + late,
            text=attempt.command.text or "",
            stamp=self.now,
            true=self.true,
        )
        self.made.append(made)

    def _may_be_asked_for(self, row: Row, command: ActivityDue) -> None:
        """INVARIANTS 4, 5, 6: as it is at the instant of the request, in words of our own."""
        account = row.account
        assert account.connected
        assert account.member
        assert row.kind in account.kinds, "never for someone who did not agree"
        assert not row.stopped, "never after a no"
        assert row.approval != "waiting", "never without a yes that is asked for"
        mode = account.modes.get(row.kind)
        assert mode is not ApprovalMode.SUGGEST, "never what is left to them"
        assert not row.suggested, "never what was left to them once"
        own = row.approval == "given" and row.owner_agreed
        assert mode is not ApprovalMode.APPROVE_EACH or own, "never without the yes they ask for"
        assert command.text == row.text, "what was approved, byte for byte"
        assert account.id not in self.challenged, "never after a challenge"
        assert (row.state, row.execution) == (State.DISPATCHED, command.execution)
        assert is_open(account.hours, max(self.now, row.due_at)), "never outside the hours"
        assert self.now - max(row.due_at, row.handed_at) < WITHIN, "never after its place"
        for pause in self.ledger.pauses:
            whose = pause.scope == "everything" or pause.client_id == account.client_id
            what = pause.scope in ("everything", "tenant") or pause.scope_id == account.id
            assert not (whose and what), "a person can always stop it"

    def _conclude(self, attempt: Attempt, mood: str) -> None:
        """What came of the call: told, or looked for."""
        execution, answer = self._execution(attempt), attempt.answer or ""
        if answer == "ok":
            result = CallResult(provider_id="id", answer="ok")
            self._end(attempt, outcomes.executed(execution, result, self._at()))
        elif answer in FAILURES:
            self._end(attempt, outcomes.failed(execution, FAILURES[answer], self._at()))
        else:
            seen = self._seen(attempt, mood)
            if seen == "absent":
                self._end(attempt, outcomes.not_there(execution, self._at()))
            elif seen is not None:
                self._tell(attempt, seen)

    def _end(self, attempt: Attempt, event: ActivityExecuted) -> None:
        attempt.ended = event
        self.news.append(event)

    def pass_time(self, seconds: float) -> None:
        """Workers beat, and watch each other."""
        rounds = min(8, max(1, int(seconds)))
        for _ in range(rounds):
            self.true += seconds / rounds
            for worker in self.workers:
                if worker.lives:
                    worker.beats, worker.seen = worker.beats + 1, self.true
            for worker in self.workers:
                if worker.lives:
                    self._watch(worker)
        self.now += int(seconds * SECOND)

    def _watch(self, watcher: Worker) -> None:
        signs = [
            Sign(
                id=UUID(int=each.id), beats=each.beats, unseen=self.true - each.seen, gone=each.dead
            )
            for each in self.workers
        ]
        for sign in watcher.silences.silent(signs, self.true):
            silent = self.workers[sign.id.int]
            assert not silent.lives, "a living worker keeps what it has"
            for attempt in self.journal.values():
                if attempt.worker == silent.id and attempt.ended is None:
                    attempt.worker, attempt.answer, attempt.looks_end = watcher.id, None, None
                    attempt.suspect |= attempt.called_at is not None

    def restart(self, worker: Worker) -> None:
        """It dies; another process stands in its place."""
        worker.dead = True
        self.workers.append(Worker(len(self.workers)))

    def by_hand(self, row: Row) -> None:
        """The account's person does it themselves, where the page still offers it."""
        if row.kind in ONCE and not any(each.key == row.key for each in self.made):
            made = Made(row.id, row.key, self.true, "", self.now, self.true, by_hand=True)
            self.made.append(made)

    def happened(self, row: Row) -> bool:
        """The truth of it, as a person who looks long enough finds it."""
        return any(each.activity == row.id for each in self.made)

    def doubled(self) -> list[tuple[UUID, Kind, str]]:
        """What was done twice."""
        return [key for key, count in Counter(m.key for m in self.made).items() if count > 1]

    def _shown(self, attempt: Attempt) -> bool:
        activity = attempt.command.activity_id
        return any(m.activity == activity and m.shown <= self.true for m in self.made)

    def _performed(self, attempt: Attempt) -> bool:
        mine = attempt.command.activity_id
        return any(
            each.called_at is not None and each.command.activity_id == mine
            for each in self.journal.values()
        )

    def _effect_window(self, activity: UUID) -> float:
        until = [
            a.suspect_until for a in self.journal.values() if a.command.activity_id == activity
        ]
        return max(0.0, max(until, default=0.0) - self.true)

    def _worker(self, attempt: Attempt) -> Worker:
        return self.workers[attempt.worker]

    def _execution(self, attempt: Attempt) -> Execution:
        called = attempt.called_at
        return Execution(
            command=attempt.command, called_at=None if called is None else to_datetime(called)
        )

    def _at(self) -> datetime:
        return to_datetime(self.now)


def _whom(row: Row) -> Due:
    account = row.account
    return Due(
        id=row.id,
        client_id=account.client_id,
        post_id=row.post_id,
        pod_id=UUID(int=3),
        account_id=account.id,
        kind=row.kind,
        correlation_id="model",
        state=row.state,
        due_at=row.due_at,
        rules=(),
        consented=True,
        connected=True,
    )
