"""What becomes of an activity that is due: handed over, put off, parked or ended.

Decided under the gates' locks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.decisions import Decision, LimitUse
from chorus_scheduler.domain.gates import Denied, Gate, check, enter
from chorus_scheduler.domain.instants import MINUTE, Micros
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.placement import Taken, first_allowed

TURN: Mapping[Kind, int] = {Kind.LIKE: 20, Kind.COMMENT: 10}
"""A6: how many of one post go out before the next post has its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A claimed row, with what else the decision needs."""

    id: UUID
    client_id: UUID
    post_id: UUID
    pod_id: UUID | None
    account_id: UUID
    kind: Kind
    state: State
    due_at: Micros
    rules: tuple[Rule, ...]
    consented: bool
    connected: bool
    silenced: bool = False
    """A repost that was to say something, whose account's owner no longer agrees to comments."""
    told: str = ""
    """Why it is as it is, as was said last: a reason is said once, not at every look."""


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
        if self.scope == "everything":
            return True
        if self.client_id != due.client_id:
            return False
        return self.scope == "tenant" or self.scope_id in (due.pod_id, due.account_id)


@dataclass(slots=True, kw_only=True)
class Verdicts:
    """What to do with each of a batch of due activities."""

    hand_over: list[Due] = field(default_factory=list)
    put_off: list[tuple[Due, Micros, Decision]] = field(default_factory=list)
    parked: list[tuple[Due, Pause, Decision]] = field(default_factory=list)
    cancelled: list[tuple[Due, Decision]] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    """The gates that changed."""


def decide(
    batch: Sequence[Due], gates: Mapping[str, Gate], pauses: Sequence[Pause], now: Micros
) -> Verdicts:
    """Decide a batch; posts take turns in it.

    Pure; `gates` holds every scope that the rules name.
    """
    verdicts = Verdicts()
    current = dict(gates)
    promised: Taken = {}
    for due in take_turns(batch):
        if due.state is State.UNKNOWN:
            verdicts.hand_over.append(due)  # only a look: no limit, consent or pause is in its way
            continue
        pause = next((pause for pause in pauses if pause.covers(due)), None)
        if pause is not None:
            decision = Decision(
                code="parked", sentence=f"Parked by a pause ({pause.code}): {pause.reason}"
            )
            verdicts.parked.append((due, pause, decision))
        elif not due.consented:
            verdicts.cancelled.append((due, _NO_CONSENT))
        elif not due.connected:
            verdicts.put_off.append((due, now + 10 * MINUTE, _not_connected(now + 10 * MINUTE)))
        else:
            _pass_gates(due, current, promised, verdicts, max(now, due.due_at))
    return verdicts


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


SILENCED = Decision(
    code="text_dropped",
    sentence="The account's owner no longer agrees to comments, so the repost goes without words.",
)
_NO_CONSENT = Decision(
    code="consent_revoked",
    sentence="The account's owner no longer agrees to this, so it will not happen.",
)


def _not_connected(again: Micros) -> Decision:
    sentence = (
        "The account is not connected; its owner must sign in again. Looked at again in 10 minutes."
    )
    return Decision(code="account_not_connected", sentence=sentence, next_possible_at=again)


def _pass_gates(
    due: Due, current: dict[str, Gate], promised: Taken, verdicts: Verdicts, at: Micros
) -> None:
    for rule in due.rules:
        denied = check(current[rule.scope], rule, at)
        if denied is not None:
            _put_off(due, denied, current, promised, verdicts=verdicts, at=at)
            return
    for rule in due.rules:
        current[rule.scope] = verdicts.gates[rule.scope] = enter(current[rule.scope], due.id)
    verdicts.hand_over.append(due)


def _put_off(
    due: Due,
    denied: Denied,
    current: Mapping[str, Gate],
    promised: Taken,
    *,
    verdicts: Verdicts,
    at: Micros,
) -> None:
    """Move it to the first instant that is free, and promise that instant to nobody else of the
    batch.
    """
    booked = {
        rule.scope: sorted((*current[rule.scope].uses, *promised.get(rule.scope, ())))
        for rule in due.rules
    }
    slot, _ = first_allowed(max(denied.next_possible_at, at + 1), due.rules, None, booked)
    for rule in due.rules:
        promised.setdefault(rule.scope, []).append(slot)
    limit = denied.limit
    decision = Decision(
        code="put_off_by_limit", sentence=_too_many(limit), limit=limit, next_possible_at=slot
    )
    verdicts.put_off.append((due, slot, decision))


def _too_many(limit: LimitUse) -> str:
    match limit.name:
        case "lane_per_minute":
            what = f"its lane starts {limit.value} a minute over all accounts"
            return f"Put off: {what}, and {limit.used} have started or are about to."
        case "at_once":
            what = f"its lane carries out {limit.value} at once over all accounts"
            return f"Put off: {what}, and {limit.used} are under way."
    return f"Put off: {limit.name} allows {limit.value} and {limit.used} are used."
