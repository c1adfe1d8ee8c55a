"""What becomes of an activity that is due: handed over, put off, parked or ended.

Decided under the gates' locks.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from chorus.vocabulary import Kind, Lane, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Identity
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import Denied, Gate, Lease, account_scope, check, enter
from chorus_scheduler.domain.hours import (
    ActiveHours,
    is_open,
    next_open,
    open_until,
    present_from,
)
from chorus_scheduler.domain.instants import DAY, MINUTE, SECOND, Micros, to_datetime
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.participation import OF_PODS
from chorus_scheduler.domain.placement import Interruption, Taken, first_allowed
from chorus_scheduler.domain.states import move

TURN: Mapping[Kind, int] = {Kind.LIKE: 20, Kind.COMMENT: 10}
"""A6: how many of one post go out before the next post has its turn."""


class Others(StrEnum):
    """What other activities of the same account, kind and target have done already."""

    NOTHING = "nothing"
    MAY_ACT = "may_act"
    """One is out, or what came of it is not known."""
    ACTED = "acted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Identity):
    """A claimed activity, with what else the decision needs."""

    pod_id: UUID | None
    state: State
    due_at: Micros
    rules: tuple[Rule, ...]
    consented: bool
    connected: bool
    lane: Lane = Lane.API
    execution: int = 0
    """How many were handed over before; the next one has the next number."""
    effect: Effect = Effect.NONE
    target: str | None = None
    """What it acts on, as the network names it."""
    others: Others = Others.NOTHING
    refused: Decision | None = None
    """Why its member does not take part any more."""
    held: Decision | None = None
    """Why its member does not take part for now."""
    for_owner: Decision | None = None
    """Why it is its account's person's: they want to be asked, or do it by hand."""
    hours: ActiveHours | None = None
    silenced: bool = False
    """A repost that was to say something, whose account's owner no longer agrees to comments."""
    told: str = ""
    """Why it is as it is, as was said last: a reason is said once, not at every look."""
    stood_still: Interruption | None = None
    """The time in which nothing was handed over, where it was due in it."""

    @property
    def resumes_at(self) -> Micros:
        """Its time, as if time had stood still in an interruption."""
        still = self.stood_still
        return self.due_at if still is None else still.resumed(self.due_at)

    @property
    def looks_only(self) -> bool:
        """An effect may exist: it is looked for, and nothing is done."""
        return self.state is State.UNKNOWN or self.effect is not Effect.NONE

    @property
    def lease(self) -> Lease:
        """The place in its gates that its next execution holds."""
        return Lease(self.id, self.execution + 1, self.lane)

    @property
    def one_effect(self) -> tuple[UUID, Kind, str] | None:
        """Of whatever has this key one may act; None where any number may."""
        if self.target is None or self.kind not in OF_PODS:
            return None
        return (self.account_id, self.kind, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause in force."""

    id: UUID
    scope: str
    client_id: UUID | None
    scope_id: UUID | None
    code: str
    reason: str

    def covers(self, due: Due) -> bool:
        """Whether the pause holds for the activity."""
        return self.holds(due.client_id, (due.pod_id, due.account_id))

    def holds(self, client_id: UUID, scopes: Collection[UUID | None]) -> bool:
        """Whether the pause holds for a tenant's accounts and pods."""
        if self.scope == "everything":
            return True
        if self.client_id != client_id:
            return False
        return self.scope == "tenant" or self.scope_id in scopes


@dataclass(slots=True, kw_only=True)
class Verdicts:
    """What to do with each of a batch of due activities."""

    hand_over: list[Due] = field(default_factory=list)
    put_off: list[tuple[Due, Micros, Decision]] = field(default_factory=list)
    parked: list[tuple[Due, Pause, Decision]] = field(default_factory=list)
    held: list[tuple[Due, Decision]] = field(default_factory=list)
    """Its member is waited for."""
    ended: list[tuple[Due, State, Decision]] = field(default_factory=list)
    """Cancelled or skipped."""
    for_owner: list[tuple[Due, Decision]] = field(default_factory=list)
    """What waits for its account's person from now on."""
    late: list[Due] = field(default_factory=list)
    """What was due while everything stood still, or whose time has passed long ago for a reason of
    its own: it is placed again."""
    absent: list[Due] = field(default_factory=list)
    """What an absence of its account's owner holds up: it is placed again."""
    gates: dict[str, Gate] = field(default_factory=dict)
    """The gates that changed."""


@dataclass(slots=True, kw_only=True)
class _Batch:
    """What the decisions about a batch see of each other."""

    gates: dict[str, Gate]
    pauses: Sequence[Pause]
    now: Micros
    late_after: Micros
    verdicts: Verdicts = field(default_factory=Verdicts)
    promised: Taken = field(default_factory=dict)
    acting: set[tuple[UUID, Kind, str]] = field(default_factory=set)


def decide(
    batch: Sequence[Due],
    gates: Mapping[str, Gate],
    pauses: Sequence[Pause],
    now: Micros,
    *,
    late_after: Micros = MINUTE,
) -> Verdicts:
    """Decide a batch; posts take turns in it.

    Pure; `gates` holds every scope that the rules name, and the accounts' (`account_scope`).
    What is later than `late_after` has lost its distance to the others, and is placed again.
    """
    deciding = _Batch(gates=dict(gates), pauses=pauses, now=now, late_after=late_after)
    for due in take_turns(batch):
        if due.looks_only:
            _look(due, deciding)
        else:
            _act(due, deciding)
    return deciding.verdicts


def acts_until(due: Due, now: Micros, within: Micros) -> Micros:
    """From when on the call of what is handed over now may not be made any more: its hours have
    ended by then, or it is late by `within` and has no distance to the others any more.
    """
    at = max(now, due.due_at)
    return open_until(due.hours, at, at + within)


def _look(due: Due, batch: _Batch) -> None:
    """Only a look: no limit, consent or pause is in its way, but it needs a connection."""
    if due.connected:
        batch.verdicts.hand_over.append(due)
    else:
        again = batch.now + 10 * MINUTE
        batch.verdicts.put_off.append((due, again, reasons.NOT_CONNECTED(next_possible_at=again)))


def _act(due: Due, batch: _Batch) -> None:
    """Whoever acts is asked for everything that may be against it, the weightiest first."""
    pause = next((pause for pause in batch.pauses if pause.covers(due)), None)
    if pause is not None:
        decision = reasons.PARKED(pause=pause.code, why=pause.reason)
        batch.verdicts.parked.append((due, pause, decision))
        return
    no = _ends(due)
    if no is not None:
        state, decision = no
        batch.verdicts.ended.append((due, move(due.state, state), decision))
        return
    if due.held is not None:
        batch.verdicts.held.append((due, due.held))
        return
    if due.for_owner is not None:
        move(due.state, State.AWAITING_APPROVAL)
        batch.verdicts.for_owner.append((due, due.for_owner))
        return
    resumes = due.resumes_at
    if (due.stood_still and resumes > batch.now) or batch.now - resumes > batch.late_after:
        batch.verdicts.late.append(due)
        return
    at = max(batch.now, due.due_at)
    if present_from(due.hours, at) != at:
        batch.verdicts.absent.append(due)
        return
    wait = _waits(due, batch)
    if wait is not None:
        batch.verdicts.put_off.append((due, *wait))
    else:
        _pass_gates(due, batch, at)


def _ends(due: Due) -> tuple[State, Decision] | None:
    if not due.consented:
        return State.CANCELLED, reasons.CONSENT_REVOKED()
    if due.refused is not None:
        return State.CANCELLED, due.refused
    if due.others is Others.ACTED:
        return State.SKIPPED, reasons.ALREADY_ACTED()
    return None


def _waits(due: Due, batch: _Batch) -> tuple[Micros, Decision] | None:
    """Something that is no limit and will pass."""
    now = batch.now
    if due.others is Others.MAY_ACT or due.one_effect in batch.acting:
        return now + MINUTE, reasons.ALREADY_ACTING(next_possible_at=now + MINUTE)
    if not due.connected:
        return now + 10 * MINUTE, reasons.NOT_CONNECTED(next_possible_at=now + 10 * MINUTE)
    if not is_open(due.hours, max(now, due.due_at)):
        return _outside_hours(due, batch)
    return _account_waits(due, batch)


def _account_waits(due: Due, batch: _Batch) -> tuple[Micros, Decision] | None:
    """The account was asked to slow down, or does something else at this moment."""
    now = batch.now
    gate = batch.gates.get(account_scope(due.account_id))
    if gate is None:
        return None
    if gate.closed_until is not None and gate.closed_until > now:
        return _place(due, gate.closed_until, batch, _cooled_down(gate.closed_until))
    if any(lease.lane != due.lane for lease in gate.in_flight):
        return now + SECOND, reasons.ACCOUNT_BUSY(next_possible_at=now + SECOND)
    return None


def _outside_hours(due: Due, batch: _Batch) -> tuple[Micros, Decision]:
    """To when they open; hours that never open are looked at again tomorrow."""
    try:
        opens = next_open(due.hours, max(batch.now, due.due_at))
    except ValueError:
        return batch.now + DAY, reasons.HOURS_NEVER_OPEN(next_possible_at=batch.now + DAY)
    return _place(due, opens, batch, reasons.OUTSIDE_HOURS())


def _place(
    due: Due, earliest: Micros, batch: _Batch, decision: Decision
) -> tuple[Micros, Decision]:
    """The first instant from `earliest` on that its limits and hours allow.

    It is promised to nobody else of the batch.
    """
    booked = {
        rule.scope: sorted((*batch.gates[rule.scope].uses, *batch.promised.get(rule.scope, ())))
        for rule in due.rules
    }
    slot, _ = first_allowed(earliest, due.rules, due.hours, booked)
    for rule in due.rules:
        batch.promised.setdefault(rule.scope, []).append(slot)
    return slot, replace(decision, next_possible_at=slot)


def take_turns(batch: Sequence[Due]) -> list[Due]:
    """The batch with posts taking turns: 20 likes of one, then of the next; 10 comments (A6)."""
    seen: Counter[tuple[UUID, Kind]] = Counter()
    turns: list[tuple[int, int, Due]] = []
    for place, due in enumerate(batch):
        key = (due.post_id, due.kind)
        turns.append((seen[key] // TURN.get(due.kind, 1), place, due))
        seen[key] += 1
    turns.sort(key=lambda turn: turn[:2])
    return [due for _, _, due in turns]


def _cooled_down(until: Micros) -> Decision:
    instant = to_datetime(until).isoformat(timespec="seconds").replace("+00:00", "Z")
    return reasons.COOLED_DOWN(until=instant)


def _pass_gates(due: Due, batch: _Batch, at: Micros) -> None:
    for rule in due.rules:
        denied = check(batch.gates[rule.scope], rule, at)
        if denied is not None:
            earliest = max(denied.next_possible_at, at + 1)
            batch.verdicts.put_off.append((due, *_place(due, earliest, batch, _limited(denied))))
            return
    for scope in (*(rule.scope for rule in due.rules), account_scope(due.account_id)):
        gate = batch.gates.get(scope) or Gate(scope=scope)
        batch.gates[scope] = batch.verdicts.gates[scope] = enter(gate, due.lease)
    if due.one_effect is not None:
        batch.acting.add(due.one_effect)
    batch.verdicts.hand_over.append(due)


def _limited(denied: Denied) -> Decision:
    limit = denied.limit
    match limit.name:
        case "lane_per_minute":
            return reasons.STARTS_OF_LANE(value=limit.value, used=limit.used, limit=limit)
        case "at_once":
            return reasons.AT_ONCE_OF_LANE(value=limit.value, used=limit.used, limit=limit)
    return reasons.PUT_OFF(limit_name=limit.name, value=limit.value, used=limit.used, limit=limit)
