"""The ledger as its store keeps it, in memory: the real rules decide, the checks of the database
hold after every statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from chorus.events import ActivityDue, ActivityExecuted, PostTarget
from chorus.vocabulary import ApprovalMode, Kind, Lane, Mode, Outcome, Platform, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.approval_modes import held_for_owner
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import (
    Gate,
    Lease,
    account_scope,
    close,
    kept_after,
    leave,
    use,
    used_at,
)
from chorus_scheduler.domain.handover import Due, Others, Pause, acts_until, decide
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import DAY, SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.limits import Rule, with_slack
from chorus_scheduler.domain.participation import Participation, refusal
from chorus_scheduler.domain.placement import Booked, Interruption, NoPlace, Placement, place
from chorus_scheduler.domain.settlement import (
    Settlement,
    Standing,
    account_waits_until,
    placed,
    settle_outcome,
)
from chorus_scheduler.domain.states import FINAL, move

LEASE = 30 * SECOND
WITHIN = 30 * SECOND


@dataclass
class Account:
    """What its owner and the pod say now."""

    id: UUID
    client_id: UUID
    kinds: set[Kind]
    connected: bool = True
    member: bool = True
    hours: ActiveHours | None = None
    modes: dict[Kind, ApprovalMode] = field(default_factory=dict)
    """How much its owner leaves to Chorus."""


@dataclass
class Row:
    """One activity."""

    id: UUID
    post_id: UUID
    account: Account
    kind: Kind
    lane: Lane
    target: str
    rules: tuple[Rule, ...]
    due_at: Micros
    state: State = State.SCHEDULED
    effect: Effect = Effect.NONE
    mode: Mode = Mode.PERFORM
    approval: str = "not_needed"
    approval_expires_at: Micros = 0
    text: str = ""
    execution: int = 0
    attempt: int = 1
    verifications: int = 0
    stopped: bool = False
    needs_person: bool = False
    parked_by: UUID | None = None
    parked_at: Micros = 0
    unheard: frozenset[int] = frozenset()
    lease_until: Micros | None = None
    gate_scopes: tuple[str, ...] = ()
    reason: str = ""
    handed_at: Micros = 0
    acts_until: Micros = 0
    suggested: bool = False
    owner_agreed: bool = False
    by_hand: bool = False

    @property
    def held_for_owner(self) -> Decision | None:
        """By the owner's word of now."""
        return held_for_owner(
            self.account.modes.get(self.kind),
            suggested=self.suggested,
            owner_agreed=self.approval == "given" and self.owner_agreed,
        )

    @property
    def standing(self) -> Standing:
        """As `store.outcomes` reads it."""
        return Standing(
            id=self.id,
            state=self.state,
            execution=self.execution,
            attempt=self.attempt,
            verifications=self.verifications,
            kind=self.kind,
            effect=self.effect,
            stopped=self.stopped or self.state is State.CANCELLED,
            suggested=self.suggested,
            unheard=self.unheard,
        )

    @property
    def key(self) -> tuple[UUID, Kind, str]:
        """Of whatever has this key one may act."""
        return (self.account.id, self.kind, self.target)

    @property
    def may_act(self) -> bool:
        """What the unique index of the database is about."""
        return self.effect is not Effect.NONE or bool(self.unheard and self.mode is Mode.PERFORM)


def check_row(row: Row) -> None:
    """The CHECKs of migrations 0005 and 0027, once more."""
    state, effect = row.state, row.effect
    perform = state is State.DISPATCHED and row.mode is Mode.PERFORM
    assert not perform or effect is Effect.NONE, "never_perform_what_may_exist"
    assert (state is State.EXECUTED) == (effect is Effect.SEEN), "executed_is_seen"
    assert state is not State.UNKNOWN or effect is Effect.POSSIBLE, "unknown_is_possible"
    if effect is Effect.POSSIBLE:
        assert state in (State.UNKNOWN, State.DISPATCHED), "possible_is_looked_for"
    waits = state in (State.SCHEDULED, State.AWAITING_APPROVAL)
    assert not row.stopped or not (waits or perform), "stopped_acts_no_more"
    unasked = row.approval == "waiting" and state in (State.SCHEDULED, State.DISPATCHED)
    assert not unasked, "no_act_before_its_yes"
    acts = state is State.SCHEDULED or perform
    assert not (row.suggested and acts), "suggested_is_never_performed"
    assert not row.by_hand or state is State.EXECUTED, "by_hand_is_done"
    assert not row.unheard or row.lease_until is not None, "what is out has a lease"


def check_ledger(rows: Iterable[Row]) -> None:
    """Every check, and `activities_one_effect`."""
    acting = [row.key for row in rows if row.may_act]
    assert len(acting) == len(set(acting)), "activities_one_effect"
    for row in rows:
        check_row(row)


@dataclass
class Ledger:
    """Rows, gates and pauses; each method is one transaction."""

    rows: dict[UUID, Row]
    gates: dict[str, Gate] = field(default_factory=dict)
    pauses: list[Pause] = field(default_factory=list)
    began: dict[UUID, Micros] = field(default_factory=dict)
    challenged: set[tuple[UUID, int]] = field(default_factory=set)

    def dispatch(self, now: Micros) -> list[ActivityDue]:
        """One round of the dispatcher."""
        ready = [
            row
            for row in self.rows.values()
            if row.state in (State.SCHEDULED, State.UNKNOWN)
            and row.parked_by is None
            and not row.needs_person
            and row.due_at <= now + SECOND
        ]
        batch = [self._due(row) for row in sorted(ready, key=lambda row: row.due_at)]
        for due in batch:
            for scope in (*(rule.scope for rule in due.rules), account_scope(due.account_id)):
                self.gates.setdefault(scope, Gate(scope=scope))
        verdicts = decide(batch, self.gates, self.pauses, now)
        self.gates |= verdicts.gates
        for due, at, decision in verdicts.put_off:
            assert at > now, "put off into the past would spin"
            self.rows[due.id].due_at, self.rows[due.id].reason = at, decision.sentence
        for due in verdicts.late:
            self._move(self.rows[due.id], now, now, late=True)
        for due, pause, decision in verdicts.parked:
            row = self.rows[due.id]
            row.parked_by, row.reason = pause.id, decision.sentence
            row.parked_at = max(row.due_at, self.began[pause.id])
        for due, state, decision in verdicts.ended:
            row = self.rows[due.id]
            row.state, row.reason = move(row.state, state), decision.sentence
            row.stopped |= state is State.CANCELLED
        for due, why in verdicts.for_owner:
            self._hold_for_owner(self.rows[due.id], why, now)
        return [self._hand_over(self.rows[due.id], now) for due in verdicts.hand_over]

    def _hold_for_owner(self, row: Row, why: Decision, now: Micros) -> None:
        """As `mode_enforcement.sql` does."""
        suggested = why.code == reasons.SUGGESTED.code
        row.state, row.reason = move(row.state, State.AWAITING_APPROVAL), why.sentence
        row.suggested |= suggested
        row.approval = "not_needed" if suggested else "waiting"
        row.approval_expires_at = max(row.approval_expires_at, max(row.due_at, now) + 2 * DAY)
        row.parked_by = None

    def _hand_over(self, row: Row, now: Micros) -> ActivityDue:
        row.mode = Mode.PERFORM if row.effect is Effect.NONE else Mode.VERIFY
        row.state, row.execution = State.DISPATCHED, row.execution + 1
        row.unheard |= {row.execution}
        row.lease_until, row.handed_at = max(row.due_at, now) + LEASE, now
        row.acts_until = acts_until(self._due(row), now, WITHIN)
        row.gate_scopes = ()
        if row.mode is Mode.PERFORM:
            scopes = [rule.scope for rule in row.rules]
            row.gate_scopes = (*scopes, account_scope(row.account.id))
        return command_of(row)

    def _due(self, row: Row) -> Due:
        account = row.account
        looks_only = row.state is State.UNKNOWN or row.effect is not Effect.NONE
        return Due(
            id=row.id,
            client_id=account.client_id,
            post_id=row.post_id,
            pod_id=UUID(int=3),
            account_id=account.id,
            kind=row.kind,
            correlation_id="model",
            lane=row.lane,
            state=row.state,
            due_at=row.due_at,
            rules=() if looks_only else row.rules,
            consented=row.kind in account.kinds,
            connected=account.connected,
            execution=row.execution,
            effect=row.effect,
            target=row.target,
            others=self._others(row),
            refused=refusal(row.kind, self.participation(account)),
            for_owner=row.held_for_owner,
            hours=account.hours,
        )

    def participation(self, account: Account) -> Participation | None:
        """As the view of the members says it."""
        if not account.member:
            return None
        return Participation(takes_part=True, kinds={kind.value for kind in Kind})

    def _others(self, row: Row) -> Others:
        others = [o for o in self.rows.values() if o is not row and o.key == row.key and o.may_act]
        if any(other.effect is Effect.SEEN for other in others):
            return Others.ACTED
        return Others.MAY_ACT if others else Others.NOTHING

    def settle(self, event: ActivityExecuted, now: Micros) -> None:
        """An outcome is heard: its decision, its gates, its account's challenge."""
        row = self.rows[event.activity_id]
        news = row.standing.awaits(event.execution)
        settlement = settle_outcome(row.standing, event, now)
        assert news or settlement is None, "heard before: nothing changes"
        if news:
            self._let_go(row, event, now)
            row.unheard -= {event.execution}
            row.lease_until = row.lease_until if row.unheard else None
            if event.execution == row.execution:
                row.gate_scopes = ()
        if settlement is not None:
            self._save(row, settlement, now)
        failure = event.failure
        if failure is not None and failure.challenge:
            self._challenge(row, event, now)

    def _save(self, row: Row, what: Settlement, now: Micros) -> None:
        if what.state is State.SCHEDULED and not what.quick and what.due_at is not None:
            what = placed(what, self.place(row, what.due_at, now, late=True))
        row.state, row.effect = move(row.state, what.state), what.effect
        row.attempt, row.verifications = what.attempt, what.verifications
        row.needs_person, row.reason = what.needs_person, what.decision.sentence
        row.stopped |= what.stop
        row.due_at = what.due_at or row.due_at
        row.parked_by = None

    def _let_go(self, row: Row, event: ActivityExecuted, now: Micros) -> None:
        used = None
        if event.outcome in (Outcome.EXECUTED, Outcome.UNKNOWN):
            called = to_micros(event.called_at or event.finished_at)
            used = used_at(called, handed_over_at=row.handed_at, now=now)
        lease = Lease(row.id, event.execution, row.lane)
        for scope in row.gate_scopes:
            self.gates[scope] = leave(self.gates[scope], lease, used, kept_after(scope, now))
        until = account_waits_until(event, row.attempt, now)
        if until is not None:
            scope = account_scope(row.account.id)
            self.gates[scope] = close(self.gates.get(scope, Gate(scope=scope)), until)

    def _challenge(self, row: Row, event: ActivityExecuted, now: Micros) -> None:
        met = (event.activity_id, event.execution)
        if met not in self.challenged:
            self.challenged.add(met)
            self.pause("account", row.account.client_id, row.account.id, now, code="challenge")

    def pause(
        self,
        scope: str,
        client: UUID | None,
        scope_id: UUID | None,
        now: Micros,
        *,
        code: str = "by_person",
    ) -> None:
        """Stop a scope; a second one of the same kind changes nothing."""
        if any((p.scope, p.scope_id, p.code) == (scope, scope_id, code) for p in self.pauses):
            return
        pause = Pause(
            id=UUID(int=1000 + len(self.began)),
            scope=scope,
            client_id=client,
            scope_id=scope_id,
            code=code,
            reason="Because.",
        )
        self.began[pause.id] = now
        self.pauses.append(pause)

    def resume(self, pause: Pause, now: Micros) -> None:
        """End it; what it parked is placed later by as long as it stood still."""
        self.pauses.remove(pause)
        parked = [row for row in self.rows.values() if row.parked_by == pause.id]
        for row in sorted(parked, key=lambda row: row.due_at):
            row.parked_by = None
            still = Interruption(began=min(self.began[pause.id], now), ended=now)
            if row.parked_at < now - DAY:
                row.state, row.reason = State.SKIPPED, "It was paused for too long."
            else:
                self._move(row, max(now, still.resumed(row.due_at)), now, late=False)

    def place(self, row: Row, desired: Micros, now: Micros, *, late: bool) -> Placement | NoPlace:
        """Among the uses and what is planned, under the limits as plans keep them."""
        taken: dict[str, list[Micros]] = {}
        for scope, gate in self.gates.items():
            taken[scope] = [*gate.uses, *(now for _ in gate.in_flight)]
        for other in self.rows.values():
            if other is not row and other.state is State.SCHEDULED and other.parked_by is None:
                for rule in other.rules:
                    taken.setdefault(rule.scope, []).append(other.due_at)
        booked = Booked({scope: sorted(uses) for scope, uses in taken.items()})
        rules = tuple(with_slack(rule) for rule in row.rules)
        return place(desired, rules=rules, hours=row.account.hours, taken=booked, late=late)

    def _move(self, row: Row, desired: Micros, now: Micros, *, late: bool) -> None:
        found = self.place(row, desired, now, late=late)
        if isinstance(found, NoPlace):
            row.state, row.reason = State.SKIPPED, found.decision.sentence
        else:
            row.state, row.due_at = State.SCHEDULED, found.at

    def _commanded(self, row: Row, desired: Micros, now: Micros, *, late: bool) -> None:
        """As `commands/saving.py` does: what is left to its person waits for them instead."""
        left = row.held_for_owner
        if left is None:
            self._move(row, desired, now, late=late)
        else:
            self._hold_for_owner(row, left, now)

    def approve(self, row: Row, now: Micros, text: str, *, by_owner: bool) -> None:
        """A person's yes to these words, where the member would still do it, and by this yes."""
        account = row.account
        no = refusal(row.kind, self.participation(account))
        no = no or held_for_owner(
            account.modes.get(row.kind), suggested=row.suggested, owner_agreed=by_owner
        )
        if row.state is State.AWAITING_APPROVAL and no is None and row.kind in account.kinds:
            row.approval, row.text, row.owner_agreed = "given", text, by_owner
            self._move(row, max(now, row.due_at), now, late=row.due_at < now)

    def cancel(self, row: Row) -> None:
        """A person's no, in any state that can be cancelled."""
        if row.state in (State.EXECUTED, State.SKIPPED, State.CANCELLED):
            return
        row.stopped = True
        if row.effect is not Effect.POSSIBLE:
            row.state = move(row.state, State.CANCELLED)
            row.parked_by, row.needs_person = None, False

    def retry(self, row: Row, now: Micros) -> None:
        """A person's later yes: it takes back a no, and gives none that was never given."""
        if row.state not in (State.FAILED, State.UNKNOWN, State.SKIPPED):
            return
        row.stopped = row.needs_person = False
        row.attempt, row.verifications = 1, 0
        late, wished = row.due_at < now, max(now, row.due_at)
        if row.effect is Effect.POSSIBLE:
            row.due_at = wished
        elif row.approval == "waiting":
            row.state, row.approval_expires_at = State.AWAITING_APPROVAL, wished + DAY
        else:
            self._commanded(row, wished, now, late=late)

    def done_by_hand(self, row: Row, now: Micros) -> None:
        """Its person says that they did it."""
        waits = row.state in (State.AWAITING_APPROVAL, State.SCHEDULED)
        if not waits and row.state not in (State.FAILED, State.SKIPPED):
            return
        if self._others(row) is not Others.NOTHING:
            return
        row.state, row.effect, row.by_hand = State.EXECUTED, Effect.SEEN, True
        row.parked_by, row.needs_person = None, False
        for rule in row.rules[:2]:
            gate = self.gates.get(rule.scope, Gate(scope=rule.scope))
            self.gates[rule.scope] = use(gate, now, kept_after(rule.scope, now))

    def decide(self, row: Row, now: Micros, *, happened: bool) -> None:
        """A person looked: it is there, or it is not."""
        if row.state is not State.UNKNOWN:
            return
        row.needs_person = False
        if happened:
            row.state, row.effect = State.EXECUTED, Effect.SEEN
            return
        row.effect = Effect.NONE
        if row.stopped:
            row.state = State.CANCELLED
        else:
            row.attempt += 1
            self._commanded(row, max(now, row.due_at), now, late=row.due_at < now)

    def sweep(self, now: Micros) -> list[ActivityDue]:
        """What nobody approved, what nobody agrees to; and what was not heard of is sent again."""
        again = []
        for row in self.rows.values():
            waits = row.state in (State.AWAITING_APPROVAL, State.SCHEDULED)
            left = row.held_for_owner
            if waits and left is not None and row.approval != "waiting" and not row.suggested:
                self._hold_for_owner(row, left, now)
            if row.state is State.AWAITING_APPROVAL and row.approval_expires_at <= now:
                row.state, row.reason = State.SKIPPED, "Nobody approved it in time."
            elif waits and (row.kind not in row.account.kinds or not row.account.member):
                row.state, row.stopped, row.parked_by = State.CANCELLED, True, None
            elif row.unheard and row.lease_until is not None and row.lease_until <= now:
                row.lease_until = now + LEASE
                again.append(command_of(row))
        return again

    def stands_still(self, row: Row, now: Micros) -> bool:
        """Nothing and nobody will ever look at it again: it is lost."""
        if row.unheard or row.state in FINAL or row.state is State.AWAITING_APPROVAL:
            return False
        if row.parked_by is not None:
            return row.parked_by not in {pause.id for pause in self.pauses}
        return not row.needs_person and row.due_at > now + 60 * DAY


def command_of(row: Row) -> ActivityDue:
    """The command of the row's present execution."""
    return ActivityDue(
        platform=Platform.LINKEDIN,
        client_id=row.account.client_id,
        activity_id=row.id,
        execution=row.execution,
        attempt=row.attempt,
        max_attempts=3,
        mode=row.mode,
        kind=row.kind,
        lane=row.lane,
        account_id=row.account.id,
        provider_account_id="account",
        target=PostTarget(post_id=row.post_id, social_id=row.target),
        text=row.text,
        due_at=to_datetime(row.due_at),
        acts_until=to_datetime(row.acts_until),
        correlation_id="c",
    )
