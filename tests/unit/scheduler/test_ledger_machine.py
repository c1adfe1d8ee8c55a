"""The ledger as a machine: hand-overs, outcomes late, lost, repeated and out of order, looks that
fail, and people who change their minds; judged by what really happened.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chorus.events import ActivityExecuted, Failure, PostTarget
from chorus.vocabulary import ErrorType, Kind, Lane, Mode, Outcome, State, WithheldCode
from chorus_scheduler.domain.decisions import LimitUse
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import Gate, Lease, account_scope, kept_after, leave
from chorus_scheduler.domain.handover import Due, decide
from chorus_scheduler.domain.instants import SECOND, to_datetime
from chorus_scheduler.domain.placement import Placement
from chorus_scheduler.domain.settlement import Settlement, Standing, placed, settle_outcome
from chorus_scheduler.domain.states import move

ID, ACCOUNT = UUID(int=1), UUID(int=4)
SCOPE = account_scope(ACCOUNT)
START = 1_800_000_000 * SECOND
CANCELLABLE = (State.SCHEDULED, State.DISPATCHED, State.UNKNOWN, State.FAILED)
ABSENT = Failure(
    error_type=ErrorType.NETWORK_ERROR, code="effect_not_found", message="gone", retryable=True
)
REFUSED = Failure(error_type=ErrorType.API_ERROR, message="no", retryable=False)
SHAKY = Failure(error_type=ErrorType.NETWORK_ERROR, message="shaky", retryable=True)
WITHHELD = (*WithheldCode, "new")


@dataclass
class Execution:
    """One hand-over, as its executor sees it."""

    number: int
    mode: Mode
    ended: ActivityExecuted | None = None


@dataclass
class Row:
    """The ledger's row, as the store keeps it."""

    state: State = State.SCHEDULED
    effect: Effect = Effect.NONE
    execution: int = 0
    mode: Mode = Mode.PERFORM
    attempt: int = 1
    verifications: int = 0
    stopped: bool = False
    needs_person: bool = False
    due_at: int = START
    unheard: set[int] = field(default_factory=set)

    @property
    def standing(self) -> Standing:
        return Standing(
            id=ID,
            state=self.state,
            execution=self.execution,
            attempt=self.attempt,
            verifications=self.verifications,
            kind=Kind.COMMENT,
            effect=self.effect,
            stopped=self.stopped,
            unheard=frozenset(self.unheard),
        )


class LedgerMachine(RuleBasedStateMachine):
    """INVARIANT (findings A1, A2, D3): never twice, never after a no, never forgotten."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.row = Row()
        self.gate = Gate(scope=SCOPE)
        self.effects = 0
        self.executions: list[Execution] = []
        self.performed_after_no = False

    @precondition(lambda self: self.row.state in (State.SCHEDULED, State.UNKNOWN))
    @precondition(lambda self: not self.row.needs_person)
    @rule(connected=st.sampled_from([True, True, True, False]))
    def hand_over(self, connected: bool) -> None:
        row = self.row
        self.now = max(self.now, row.due_at)
        verdicts = decide([self._due(connected)], {SCOPE: self.gate}, [], self.now)
        for _, at, _ in verdicts.put_off:
            row.due_at = at
        for due in verdicts.hand_over:
            mode = Mode.PERFORM if row.effect is Effect.NONE else Mode.VERIFY
            assert due.looks_only is (mode is Mode.VERIFY)
            self.gate = verdicts.gates.get(SCOPE, self.gate)
            row.execution += 1
            row.mode, row.state = mode, State.DISPATCHED
            row.unheard.add(row.execution)
            self.executions.append(Execution(row.execution, mode))
            self.performed_after_no |= mode is Mode.PERFORM and row.stopped

    def _due(self, connected: bool) -> Due:
        row = self.row
        return Due(
            id=ID,
            client_id=UUID(int=9),
            post_id=UUID(int=2),
            pod_id=UUID(int=3),
            account_id=ACCOUNT,
            kind=Kind.COMMENT,
            correlation_id="a plan",
            state=row.state,
            due_at=row.due_at,
            rules=(),
            consented=True,
            connected=connected,
            execution=row.execution,
            effect=row.effect,
        )

    @precondition(lambda self: any(each.ended is None for each in self.executions))
    @rule(data=st.data(), lost=st.booleans(), works=st.booleans(), held=st.integers(0, 3))
    def act(self, data: st.DataObject, lost: bool, works: bool, held: int) -> None:
        """An executor gets to it; it asks the ledger once more right before it acts."""
        open_ones = [each for each in self.executions if each.ended is None]
        execution = data.draw(st.sampled_from(open_ones))
        stands = (self.row.state, self.row.execution) == (State.DISPATCHED, execution.number)
        if not stands or held == 0:
            code = data.draw(st.sampled_from(WITHHELD)) if stands else "superseded"
            execution.ended = self._outcome(execution, Outcome.WITHHELD, withheld_code=code)
        elif execution.mode is Mode.VERIFY:
            execution.ended = self._look(execution, lost=lost)
        else:
            self.effects += works
            ended = Outcome.UNKNOWN if lost else Outcome.EXECUTED if works else Outcome.FAILED
            failure = data.draw(st.sampled_from([REFUSED, SHAKY]))
            execution.ended = self._outcome(execution, ended, failure=failure)

    def _look(self, execution: Execution, *, lost: bool) -> ActivityExecuted:
        if lost:
            return self._outcome(execution, Outcome.UNKNOWN)
        if self.effects:
            return self._outcome(execution, Outcome.EXECUTED)
        return self._outcome(execution, Outcome.FAILED, failure=ABSENT)

    def _outcome(
        self,
        execution: Execution,
        outcome: Outcome,
        *,
        failure: Failure | None = None,
        withheld_code: str | None = None,
    ) -> ActivityExecuted:
        return ActivityExecuted(
            client_id=UUID(int=9),
            activity_id=ID,
            execution=execution.number,
            attempt=1,
            mode=execution.mode,
            kind=Kind.COMMENT,
            lane=Lane.API,
            account_id=ACCOUNT,
            target=PostTarget(post_id=UUID(int=2)),
            outcome=outcome,
            called_at=datetime(2027, 1, 15, tzinfo=UTC),
            finished_at=to_datetime(self.now),
            failure=failure if outcome is Outcome.FAILED else None,
            withheld_code=withheld_code,
            correlation_id="c",
        )

    @precondition(
        lambda self: any(e.ended and e.number in self.row.unheard for e in self.executions)
    )
    @rule()
    def hear_the_news(self) -> None:
        for each in self.executions:
            if each.ended is not None and each.number in self.row.unheard:
                self._settle(each.ended)

    @precondition(lambda self: any(each.ended for each in self.executions))
    @rule(data=st.data(), repeats=st.integers(1, 2))
    def hear(self, data: st.DataObject, repeats: int) -> None:
        """An outcome arrives: out of order, and again."""
        told = [each.ended for each in self.executions if each.ended is not None]
        event = data.draw(st.sampled_from(told))
        for _ in range(repeats):
            self._settle(event)

    def _settle(self, event: ActivityExecuted) -> None:
        row = self.row
        standing = row.standing
        known = standing.awaits(event.execution)
        settlement = settle_outcome(standing, event, self.now)
        assert known or settlement is None, "heard before: nothing changes"
        row.unheard.discard(event.execution)
        lease = Lease(ID, event.execution, Lane.API)
        self.gate = leave(self.gate, lease, None, kept_after(SCOPE, self.now))
        if settlement is not None:
            self._save(settlement)

    def _save(self, settlement: Settlement) -> None:
        row = self.row
        row.state, row.effect = move(row.state, settlement.state), settlement.effect
        row.attempt, row.verifications = settlement.attempt, settlement.verifications
        row.needs_person = settlement.needs_person
        row.stopped |= settlement.stop
        row.due_at = settlement.due_at or row.due_at

    @precondition(lambda self: self.row.state in CANCELLABLE and not self.row.stopped)
    @rule()
    def cancel(self) -> None:
        self.row.stopped = True
        if self.row.effect is Effect.NONE:
            self.row.state = State.CANCELLED

    @precondition(lambda self: self.row.state in (State.FAILED, State.UNKNOWN))
    @rule()
    def retry(self) -> None:
        row = self.row
        row.stopped = row.needs_person = False
        row.attempt, row.verifications, row.due_at = 1, 0, self.now
        if row.effect is Effect.NONE:
            row.state = State.SCHEDULED

    @rule(seconds=st.sampled_from([1, 601]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @invariant()
    def never_twice(self) -> None:
        assert getattr(self, "effects", 0) <= 1

    @invariant()
    def never_after_a_no(self) -> None:
        assert not getattr(self, "performed_after_no", False)

    @invariant()
    def never_forgotten(self) -> None:
        """Once everything was heard, the ledger knows of an effect, or that it may exist."""
        if getattr(self, "effects", 0) and not self.row.unheard:
            assert self.row.effect is not Effect.NONE

    @invariant()
    def nothing_is_made_up(self) -> None:
        if hasattr(self, "row") and self.row.effect is Effect.SEEN:
            assert (self.effects, self.row.state) == (1, State.EXECUTED)

    @invariant()
    def the_facts_fit_the_state(self) -> None:
        """What the database's checks say."""
        if not hasattr(self, "row"):
            return
        row = self.row
        assert (row.state is State.EXECUTED) == (row.effect is Effect.SEEN)
        if row.effect is Effect.POSSIBLE:
            assert row.state in (State.UNKNOWN, State.DISPATCHED)
        if row.state is State.DISPATCHED:
            assert row.execution in row.unheard
            assert row.mode is Mode.VERIFY or (row.effect is Effect.NONE and not row.stopped)
        if row.state in (State.SCHEDULED, State.AWAITING_APPROVAL):
            assert not row.stopped

    @invariant()
    def a_place_is_held_by_what_acts(self) -> None:
        if hasattr(self, "gate"):
            out = {e.number for e in self.executions if e.mode is Mode.PERFORM} & self.row.unheard
            assert {lease.execution for lease in self.gate.in_flight} == out


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_an_older_unknown_takes_the_order_back() -> None:
    """Finding A1: an older execution that was not heard of may have acted: the present one, out
    already, does not stand any more, and the effect is looked for.
    """
    row = Row(state=State.DISPATCHED, execution=2, unheard={1, 2})
    machine = LedgerMachine()
    machine.begin()
    event = machine._outcome(Execution(1, Mode.PERFORM), Outcome.UNKNOWN)
    settlement = settle_outcome(row.standing, event, START)
    assert settlement is not None
    assert (settlement.state, settlement.effect) == (State.UNKNOWN, Effect.POSSIBLE)
    later = replace(row.standing, state=State.UNKNOWN, effect=Effect.POSSIBLE)
    vain = machine._outcome(Execution(2, Mode.PERFORM), Outcome.FAILED, failure=SHAKY)
    assert settle_outcome(later, vain, START) is None, "one failure does not undo the other"


def _settled(row: Row, mode: Mode, outcome: Outcome, **told: Any) -> Settlement | None:
    machine = LedgerMachine()
    machine.begin()
    event = machine._outcome(Execution(row.execution, mode), outcome, **told)
    return settle_outcome(row.standing, event, START)


def _looking(*, stopped: bool = False) -> Row:
    return Row(
        state=State.DISPATCHED,
        mode=Mode.VERIFY,
        effect=Effect.POSSIBLE,
        execution=2,
        unheard={2},
        stopped=stopped,
    )


@pytest.mark.parametrize("code", WITHHELD)
def test_a_withheld_look_takes_nothing_back(code: str) -> None:
    """Finding A1: whatever withheld the look, it may have happened."""
    settlement = _settled(_looking(), Mode.VERIFY, Outcome.WITHHELD, withheld_code=code)
    assert settlement is not None
    assert (settlement.state, settlement.effect) == (State.UNKNOWN, Effect.POSSIBLE)
    assert settlement.due_at is not None


_ASKED_AT_ONCE = (WithheldCode.MEMBER_INACTIVE, WithheldCode.KIND_DISABLED)
"""Hand-over tells who left from who is waited for."""


@pytest.mark.parametrize("code", WITHHELD)
def test_a_withheld_act_ends_where_somebody_said_no(code: str) -> None:
    """INVARIANT (4): each code of an executor is known; a no is not tried again in ten minutes, and
    who takes no part is asked for at once.
    """
    row = Row(state=State.DISPATCHED, mode=Mode.PERFORM, execution=1, unheard={1})
    settlement = _settled(row, Mode.PERFORM, Outcome.WITHHELD, withheld_code=code)
    assert settlement is not None
    ended = {str(WithheldCode.ALREADY_DONE): State.SKIPPED}
    ended[str(WithheldCode.CONSENT_REVOKED)] = State.CANCELLED
    assert settlement.state is ended.get(str(code), State.SCHEDULED)
    if code in _ASKED_AT_ONCE:
        assert (settlement.due_at, settlement.quick) == (START + SECOND, True)


def test_what_a_limit_moves_says_so() -> None:
    """P12: who is given another time hours away reads which limit it waits for."""
    row = Row(state=State.DISPATCHED, mode=Mode.PERFORM, execution=1, unheard={1})
    late = _settled(row, Mode.PERFORM, Outcome.WITHHELD, withheld_code=WithheldCode.LATE)
    assert late is not None
    limit = LimitUse(name="likes an hour", value=4, used=4)
    moved = placed(late, Placement(at=START + 7200 * SECOND, moved_by=limit))
    assert moved.decision.limit == limit
    assert moved.decision.sentence.endswith("likes an hour allows 4: it has the next free place.")
    assert placed(late, Placement(at=START + 60 * SECOND)).decision.limit is None


def test_absent_after_a_no_is_the_end() -> None:
    """Finding A2: absent ends as cancelled, where somebody had said no."""
    for stopped, state in ((True, State.CANCELLED), (False, State.SCHEDULED)):
        row = _looking(stopped=stopped)
        settlement = _settled(row, Mode.VERIFY, Outcome.FAILED, failure=ABSENT)
        assert settlement is not None
        assert (settlement.state, settlement.effect) == (state, Effect.NONE)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_was_heard_before_changes_nothing(outcome: Outcome) -> None:
    """Finding F: INVARIANT: an outcome is news once, and of its own execution."""
    present = Row(state=State.DISPATCHED, execution=2, unheard={2})
    machine = LedgerMachine()
    machine.begin()
    old = machine._outcome(
        Execution(1, Mode.PERFORM), outcome, failure=SHAKY, withheld_code="paused"
    )
    assert settle_outcome(present.standing, old, START) is None


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.WITHHELD])
def test_a_vain_older_execution_says_nothing_of_the_present_one(outcome: Outcome) -> None:
    """Finding F: it is news, but what is out now is not settled by it."""
    present = Row(state=State.DISPATCHED, execution=2, unheard={1, 2})
    machine = LedgerMachine()
    machine.begin()
    old = machine._outcome(
        Execution(1, Mode.PERFORM), outcome, failure=SHAKY, withheld_code="paused"
    )
    assert settle_outcome(present.standing, old, START) is None
