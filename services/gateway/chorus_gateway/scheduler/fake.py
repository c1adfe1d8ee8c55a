"""A scheduler in memory, for tests. It passes the same contract suite as the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from chorus import texts
from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.ids import activity_id as id_of
from chorus.ids import new_id
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.port import (
    Moved,
    Plan,
    PlannedActivity,
    SchedulerRefusal,
    SkippedMember,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMember:
    """A member as the fake plans for it; `skip` is the code of a reason to leave it out."""

    account_id: UUID
    member_id: UUID
    name: str
    skip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An activity of the fake's ledger."""

    client_id: UUID
    account_id: UUID
    activity: PlannedActivity


@dataclass(slots=True)
class FakeScheduler:
    """Tell it of posts and members; then it plans, moves and pauses."""

    clock: Clock
    available: bool = True
    calls: list[str] = field(default_factory=list)
    _posts: dict[UUID, tuple[UUID, bool]] = field(default_factory=dict)
    _members: dict[UUID, list[FakeMember]] = field(default_factory=dict)
    _activities: dict[UUID, Held] = field(default_factory=dict)
    _pauses: dict[UUID, tuple[UUID, str, UUID | None, bool]] = field(default_factory=dict)
    _revoked: set[UUID] = field(default_factory=set)

    def knows_post(self, client_id: UUID, post_id: UUID, *, published: bool = True) -> None:
        """A post that can be planned."""
        self._posts[post_id] = (client_id, published)

    def knows_members(self, client_id: UUID, members: Sequence[FakeMember]) -> None:
        """The active members of a tenant."""
        self._members[client_id] = list(members)

    def holds(self, client_id: UUID, activity: PlannedActivity) -> None:
        """An activity that is in the ledger already."""
        self.put(Held(client_id=client_id, account_id=activity.account_id, activity=activity))

    def put(self, held: Held) -> None:
        """Set or replace an activity."""
        self._activities[held.activity.id] = held

    def held(self, activity_id: UUID) -> Held:
        """An activity as it is now."""
        return self._activities[activity_id]

    def withdraws(self, account_id: UUID) -> None:
        """The account's consent is gone: a recheck will cancel its work."""
        self._revoked.add(account_id)

    async def plan(
        self,
        *,
        client_id: UUID,
        post_id: UUID,
        kinds: tuple[Kind, ...],
        dry_run: bool,
        actor: str,
        correlation_id: str,
        seed: int | None = None,
    ) -> Plan:
        self._called(f"plan by {actor} for {correlation_id}")
        owner, published = self._posts.get(post_id, (None, False))
        if owner != client_id:
            raise SchedulerRefusal("post_not_found", "There is no such post.", status=404)
        if not published:
            raise SchedulerRefusal("post_not_published", "The post is not live yet.", status=409)
        members = self._members.get(client_id, [])
        if not members:
            raise SchedulerRefusal("no_pod_members", "No pod members found", status=400)
        now = self.clock.now()
        wanted = [
            _planned(post_id, member, kind, now)
            for kind in kinds
            for member in members
            if member.skip is None
        ]
        existing = [self._activities[a.id].activity for a in wanted if a.id in self._activities]
        fresh = [a for a in wanted if a.id not in self._activities]
        if not dry_run:
            for activity in fresh:
                self.holds(client_id, activity)
        skipped = [_skipped(m, kind) for kind in kinds for m in members if m.skip is not None]
        return Plan(
            seed=7 if seed is None else seed,
            stored=not dry_run,
            planned=tuple(fresh),
            existing=tuple(existing),
            skipped=tuple(skipped),
        )

    async def approve(
        self,
        *,
        client_id: UUID,
        activity_id: UUID,
        actor: str,
        text: str | None = None,
        text_sha256: str | None = None,
    ) -> Moved:
        waiting = (State.AWAITING_APPROVAL,)
        held = self._activities.get(activity_id)
        if held is not None and held.client_id == client_id and held.activity.state in waiting:
            self._require_read(held, text_sha256)
            if text is not None:
                self._reword(held, text)
        return self._move(client_id, activity_id, actor, waiting, State.SCHEDULED, "approved", text)

    async def reword(
        self, *, client_id: UUID, activity_id: UUID, actor: str, text: str | None
    ) -> Moved:
        self._called(f"reword by {actor}: {text}")
        held = self._held(client_id, activity_id)
        self._reword(held, text)
        return Moved.model_validate(self.held(activity_id).activity, from_attributes=True)

    async def reject(self, *, client_id: UUID, activity_id: UUID, actor: str, reason: str) -> Moved:
        waiting = (State.AWAITING_APPROVAL,)
        return self._move(
            client_id, activity_id, actor, waiting, State.CANCELLED, "rejected", reason
        )

    async def cancel(self, *, client_id: UUID, activity_id: UUID, actor: str, reason: str) -> Moved:
        before = (
            State.AWAITING_APPROVAL,
            State.SCHEDULED,
            State.DISPATCHED,
            State.UNKNOWN,
            State.FAILED,
        )
        held = self._activities.get(activity_id)
        unknown = held is not None and held.activity.state is State.UNKNOWN
        to = State.UNKNOWN if unknown else State.CANCELLED
        return self._move(client_id, activity_id, actor, before, to, "cancelled", reason)

    async def retry(self, *, client_id: UUID, activity_id: UUID, actor: str, reason: str) -> Moved:
        ended = (State.FAILED, State.UNKNOWN, State.SKIPPED)
        held = self._activities.get(activity_id)
        unknown = held is not None and held.activity.state is State.UNKNOWN
        to = State.UNKNOWN if unknown else State.SCHEDULED
        return self._move(client_id, activity_id, actor, ended, to, "retried", reason)

    async def decide(
        self, *, client_id: UUID, activity_id: UUID, actor: str, happened: bool, reason: str
    ) -> Moved:
        to = State.EXECUTED if happened else State.SCHEDULED
        return self._move(client_id, activity_id, actor, (State.UNKNOWN,), to, "decided", reason)

    async def pause(
        self, *, client_id: UUID, scope: str, scope_id: UUID | None, reason: str, actor: str
    ) -> UUID:
        self._called(f"pause by {actor}: {reason}")
        if (client_id, scope, scope_id, True) in self._pauses.values():
            raise SchedulerRefusal("pause_conflict", "It is paused already.", status=409)
        pause_id = new_id()
        self._pauses[pause_id] = (client_id, scope, scope_id, True)
        return pause_id

    async def pause_challenged(
        self, *, client_id: UUID, account_id: UUID, pause_id: UUID, reason: str
    ) -> None:
        self._called(f"challenge: {reason}")
        self._pauses.setdefault(pause_id, (client_id, "account", account_id, True))

    async def resume(self, *, client_id: UUID, pause_id: UUID, actor: str) -> None:
        self._called(f"resume by {actor}")
        pause = self._pauses.get(pause_id)
        if pause is None or pause[0] != client_id:
            raise SchedulerRefusal("pause_not_found", "There is no such pause.", status=404)
        if not pause[3]:
            raise SchedulerRefusal("pause_conflict", "It was resumed before.", status=409)
        self._pauses[pause_id] = (*pause[:3], False)

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        self._called(f"recheck by {actor}")
        stale = [
            held
            for held in self._activities.values()
            if (held.client_id, held.account_id) == (client_id, account_id)
            and account_id in self._revoked
            and held.activity.state in (State.SCHEDULED, State.AWAITING_APPROVAL)
        ]
        for held in stale:
            cancelled = held.activity.model_copy(update={"state": State.CANCELLED})
            self._activities[held.activity.id] = replace(held, activity=cancelled)
        return len(stale)

    def _move(  # noqa: PLR0917 - seven things make a move
        self,
        client_id: UUID,
        activity_id: UUID,
        actor: str,
        allowed: tuple[State, ...],
        to: State,
        code: str,
        note: str | None,
    ) -> Moved:
        self._called(f"{code} by {actor}: {note}")
        held = self._held(client_id, activity_id)
        if held.activity.state not in allowed:
            raise SchedulerRefusal(
                "move_not_allowed", f"It is {held.activity.state} now.", status=409
            )
        change = {"state": to, "reason_code": code, "reason": f"It was {code} by {actor}."}
        moved = held.activity.model_copy(update=change)
        self._activities[activity_id] = replace(held, activity=moved)
        return Moved.model_validate(moved, from_attributes=True)

    def _held(self, client_id: UUID, activity_id: UUID) -> Held:
        held = self._activities.get(activity_id)
        if held is None or held.client_id != client_id:
            raise SchedulerRefusal("activity_not_found", "There is no such activity.", status=404)
        return held

    def _require_read(self, held: Held, text_sha256: str | None) -> None:
        if text_sha256 is None and held.activity.kind is Kind.LIKE:
            return
        if text_sha256 != texts.digest(held.activity.text):
            raise SchedulerRefusal("text_changed", "It says something else now.", status=409)

    def _reword(self, held: Held, text: str | None) -> None:
        kind, state = held.activity.kind, held.activity.state
        if kind not in (Kind.COMMENT, Kind.REPOST):
            raise SchedulerRefusal("text_not_allowed", f"A {kind} has no text.", status=409)
        if kind is Kind.COMMENT and text is None:
            raise SchedulerRefusal("text_needed", "A comment needs a text.", status=409)
        if text is not None and held.account_id in self._revoked:
            raise SchedulerRefusal("consent_missing", "Nobody agreed to words.", status=409)
        if state not in (State.AWAITING_APPROVAL, State.SCHEDULED):
            raise SchedulerRefusal("move_not_allowed", f"It is {state} now.", status=409)
        self.put(replace(held, activity=held.activity.model_copy(update={"text": text})))

    def _called(self, what: str) -> None:
        if not self.available:
            raise DependencyUnavailable("The scheduler did not answer: it was told not to.")
        self.calls.append(what)


def _planned(post_id: UUID, member: FakeMember, kind: Kind, now: datetime) -> PlannedActivity:
    return PlannedActivity(
        id=id_of(post_id=post_id, account_id=member.account_id, kind=kind),
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


def _skipped(member: FakeMember, kind: Kind) -> SkippedMember:
    return SkippedMember(
        account_id=member.account_id,
        member_id=member.member_id,
        member_name=member.name,
        kind=kind,
        code=member.skip or "",
        sentence="This member does not take part.",
    )
