"""Why an account does nothing just now: all that stands in its way, the weightiest first."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.allowances import KindAllowed
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.handover import Pause
from chorus_scheduler.domain.hours import ActiveHours, next_window, present_from
from chorus_scheduler.domain.instants import Micros, to_datetime
from chorus_scheduler.domain.participation import OF_PODS, Participation


class NextAct(NamedTuple):
    """What is planned and nothing parks."""

    activity_id: UUID
    kind: Kind
    due_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is so of an account at one instant."""

    name: str
    connected: bool
    consented: AbstractSet[str]
    pauses: Sequence[Pause]
    """Those in force that hold for it."""
    pods: Sequence[Participation]
    hours: ActiveHours | None
    closed_until: Micros
    allowed: Sequence[KindAllowed]
    waiting: int
    """How many wait for somebody's yes."""
    next_act: NextAct | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """One thing in the way; `kind` None: of everything. The decision may say until when."""

    decision: Decision
    kind: Kind | None = None


def hindrances(facts: Facts, now: Micros) -> list[Hindrance]:
    """Empty: nothing is in its way, and something is planned for now."""
    return [*_of_everything(facts, now), *_of_kinds(facts, now), *_of_the_plan(facts, now)]


def _of_everything(facts: Facts, now: Micros) -> Iterator[Hindrance]:
    for pause in facts.pauses:
        yield Hindrance(decision=reasons.ACCOUNT_HELD(scope=pause.scope, why=pause.reason))
    if not facts.connected:
        yield Hindrance(decision=reasons.MEMBER_NOT_CONNECTED(name=facts.name))
    if facts.closed_until > now:
        until = to_datetime(facts.closed_until)
        yield Hindrance(
            decision=reasons.COOLED_DOWN(
                until=f"{until:%Y-%m-%d %H:%M} UTC", next_possible_at=facts.closed_until
            )
        )
    back = present_from(facts.hours, now)
    if back > now:
        when = f"{to_datetime(back):%Y-%m-%d %H:%M} UTC"
        yield Hindrance(decision=reasons.AWAY(until=when, next_possible_at=back))
    try:
        opens = next_window(facts.hours, now)
    except ValueError:
        yield Hindrance(decision=reasons.HOURS_NEVER_OPEN())
    else:
        if opens > now:
            yield Hindrance(decision=reasons.HOURS_CLOSED(next_possible_at=opens))
    if not any(pod.takes_part for pod in facts.pods):
        yield Hindrance(decision=reasons.IN_NO_POD(name=facts.name))


def _of_kinds(facts: Facts, now: Micros) -> Iterator[Hindrance]:
    wanted = {kind for pod in facts.pods if pod.takes_part for kind in pod.kinds}
    for kind in sorted(OF_PODS):
        if any(pod.takes_part for pod in facts.pods) and kind not in wanted:
            yield Hindrance(
                decision=reasons.MEMBER_OPTED_OUT(name=facts.name, kind=kind), kind=kind
            )
        if kind not in facts.consented:
            yield Hindrance(
                decision=reasons.MEMBER_WITHOUT_CONSENT(name=facts.name, kind=kind), kind=kind
            )
    for allowed in facts.allowed:
        used_up = [each for each in allowed.limits if each.left == 0]
        if used_up and allowed.next_free > now and allowed.kind in facts.consented:
            last = max(used_up, key=lambda each: each.next_free)
            yield Hindrance(
                decision=reasons.LIMIT_USED_UP(
                    kind=allowed.kind,
                    limit_name=last.limit.name,
                    value=last.limit.count,
                    used=last.used,
                    next_possible_at=allowed.next_free,
                ),
                kind=allowed.kind,
            )


def _of_the_plan(facts: Facts, now: Micros) -> Iterator[Hindrance]:
    if facts.waiting:
        yield Hindrance(decision=reasons.WAITS_FOR_YES(count=facts.waiting))
    if facts.next_act is None:
        yield Hindrance(decision=reasons.NOTHING_PLANNED())
    elif facts.next_act.due_at > now:
        planned = facts.next_act
        decision = reasons.NOT_YET(kind=planned.kind, next_possible_at=planned.due_at)
        yield Hindrance(decision=decision, kind=planned.kind)
