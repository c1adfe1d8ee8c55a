"""What the fake scheduler holds, plans and clears. A tenant has one pod."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.ids import activity_id as id_of
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.port import PlannedActivity, SkippedMember

_PLANNED = (State.AWAITING_APPROVAL, State.SCHEDULED)
_OUT = (State.DISPATCHED, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An activity of the fake's ledger."""

    client_id: UUID
    account_id: UUID
    activity: PlannedActivity
    post_id: UUID | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMember:
    """A member as the fake plans for it; `skip` is the code of a reason to leave it out."""

    account_id: UUID
    member_id: UUID
    name: str
    skip: str | None = None


def clear(ledger: Iterable[Held], command: ClearQueue) -> tuple[Cleared, list[Held]]:
    """What came of it, and the activities that it changes."""
    meant = [held for held in ledger if _is_meant(held, command)]
    planned = [held for held in meant if held.activity.state in _PLANNED]
    out = [held for held in meant if held.activity.state in _OUT and not held.stopped]
    if command.dry_run:
        counted = Cleared(planned=len(planned), out=len(out), removed=0, stopped=0, left=0)
        return counted, []
    done = Cleared(
        planned=len(planned), out=len(out), removed=len(planned), stopped=len(out), left=0
    )
    return done, [_called_off(held) for held in (*planned, *out)]


def _is_meant(held: Held, command: ClearQueue) -> bool:
    if held.client_id != command.client_id:
        return False
    match command.scope:
        case "account":
            return held.account_id == command.scope_id
        case "post":
            return held.post_id == command.scope_id
    return True


def _called_off(held: Held) -> Held:
    state = held.activity.state
    ends = State.UNKNOWN if state is State.UNKNOWN else State.CANCELLED
    changed = held.activity.model_copy(update={"state": ends, "reason_code": "cancelled"})
    return replace(held, activity=changed, stopped=True)


def planned(post_id: UUID, member: FakeMember, kind: Kind, now: datetime) -> PlannedActivity:
    """The activity that the fake plans of it."""
    return PlannedActivity(
        id=id_of(subject=post_id, account_id=member.account_id, kind=kind),
        account_id=member.account_id,
        member_id=member.member_id,
        member_name=member.name,
        kind=kind,
        lane=Lane.API,
        state=State.AWAITING_APPROVAL if kind is Kind.COMMENT else State.SCHEDULED,
        scheduled_for=now + timedelta(minutes=5),
        text="Well said." if kind is Kind.COMMENT else None,
        reason_code="planned",
        reason="Planned within the pod's window.",
    )


def skipped(member: FakeMember, kind: Kind) -> SkippedMember:
    """Why the fake plans nothing of it."""
    return SkippedMember(
        account_id=member.account_id,
        member_id=member.member_id,
        member_name=member.name,
        kind=kind,
        code=member.skip or "",
        sentence="This member does not take part.",
    )
