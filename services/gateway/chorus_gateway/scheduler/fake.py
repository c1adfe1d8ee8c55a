"""A scheduler in memory, for tests. It passes the same contract suite as the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from chorus import texts
from chorus.clock import Clock
from chorus.documents.absences import AbsencesApplied
from chorus.documents.activity_commands import (
    ActivityCommand,
    Approve,
    Cancel,
    Decide,
    DoneByHand,
    Moved,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus.documents.idleness import Idleness, Obstacle, Planned
from chorus.documents.limits import AccountLimits, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.vocabulary import ApprovalMode, Kind, Platform, State
from chorus_gateway.scheduler.fake_ledger import FakeMember, Held, clear, planned, skipped
from chorus_gateway.scheduler.fake_limits import FakeLimits
from chorus_gateway.scheduler.port import (
    Decided,
    Plan,
    PlannedActivity,
    SchedulerRefusal,
)


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
    _modes: dict[UUID, ApprovalMode] = field(default_factory=dict)
    _decided: dict[UUID, Decided] = field(default_factory=dict)
    _limits: FakeLimits = field(default_factory=FakeLimits)

    def knows_post(self, client_id: UUID, post_id: UUID, *, published: bool = True) -> None:
        """A post that can be planned."""
        self._posts[post_id] = (client_id, published)

    def knows_members(self, client_id: UUID, members: Sequence[FakeMember]) -> None:
        """The active members of a tenant."""
        self._members[client_id] = list(members)

    def holds(
        self, client_id: UUID, activity: PlannedActivity, post_id: UUID | None = None
    ) -> None:
        """An activity that is in the ledger already."""
        account_id = activity.account_id
        self.put(
            Held(client_id=client_id, account_id=account_id, activity=activity, post_id=post_id)
        )

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
            planned(post_id, member, kind, now)
            for kind in kinds
            for member in members
            if member.skip is None
        ]
        existing = [self._activities[a.id].activity for a in wanted if a.id in self._activities]
        fresh = [a for a in wanted if a.id not in self._activities]
        if not dry_run:
            for activity in fresh:
                self.holds(client_id, activity, post_id)
        skipped = [skipped(m, kind) for kind in kinds for m in members if m.skip is not None]
        return Plan(
            seed=7 if seed is None else seed,
            stored=not dry_run,
            planned=tuple(fresh),
            existing=tuple(existing),
            skipped=tuple(skipped),
        )

    async def command(self, command: ActivityCommand) -> Moved:
        self._called(_said(command))
        held = self._held(command)
        match command:
            case Approve():
                return self._approve(held, command)
            case Reword():
                self._reword(held, command.text)
                return _moved(self.held(command.activity_id))
            case Postpone():
                later = max(command.until, held.activity.scheduled_for or command.until)
                moved = held.activity.model_copy(update={"scheduled_for": later})
                return self._move(replace(held, activity=moved), command, held.activity.state)
            case DoneByHand():
                return self._move(held, command, State.EXECUTED)
            case Decide():
                to = State.EXECUTED if command.happened else State.SCHEDULED
                return self._move(held, command, to)
        unknown = held.activity.state is State.UNKNOWN
        to = State.SCHEDULED if isinstance(command, Retry) else State.CANCELLED
        return self._move(held, command, State.UNKNOWN if unknown else to)

    def _approve(self, held: Held, command: Approve) -> Moved:
        if held.activity.state is State.AWAITING_APPROVAL:
            self._require_asked(held, command)
            self._require_read(held, command.text_sha256)
            if command.text is not None:
                self._reword(held, command.text)
                held = self.held(command.activity_id)
        return self._move(held, command, State.SCHEDULED)

    async def clear_queue(self, command: ClearQueue) -> Cleared:
        self._called(f"clear {command.scope} by {command.actor}: {command.reason}")
        cleared, changed = clear(self._activities.values(), command)
        for held in changed:
            self.put(held)
        return cleared

    async def pause(
        self,
        *,
        client_id: UUID,
        scope: str,
        scope_id: UUID | None,
        reason: str,
        actor: str,
        own: bool = False,
    ) -> UUID:
        self._called(f"pause by {actor}: {reason}")
        if (client_id, f"{scope} own" if own else scope, scope_id, True) in self._pauses.values():
            raise SchedulerRefusal("pause_conflict", "It is paused already.", status=409)
        pause_id = new_id()
        self._pauses[pause_id] = (client_id, f"{scope} own" if own else scope, scope_id, True)
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

    async def absences_changed(
        self, *, client_id: UUID, account_id: UUID, actor: str
    ) -> AbsencesApplied:
        self._called(f"absences of {account_id} in {client_id} by {actor}")
        return AbsencesApplied(moved=0, ended=0)

    async def limits(self, *, client_id: UUID, account_id: UUID) -> AccountLimits:
        self._called("limits")
        self._require_account(client_id, account_id)
        return AccountLimits(
            account_id=account_id,
            platform=Platform.LINKEDIN,
            warm_up_share=1.0,
            warm_up_ends_at=None,
            closed_until=None,
            kinds=(self._limits.allowance(client_id, account_id, self.clock.now()),),
        )

    async def why_idle(self, *, client_id: UUID, account_id: UUID) -> Idleness:
        self._called("why idle")
        self._require_account(client_id, account_id)
        planned = [
            Planned(activity_id=act.id, kind=act.kind, due_at=act.scheduled_for)
            for held in self._activities.values()
            if (act := held.activity).scheduled_for and held.account_id == account_id
        ]
        held_by = [
            Obstacle(code="paused", sentence="Held by a pause.", kind=None, until=None)
            for pause in self._pauses.values()
            if pause[3] and pause[2] == account_id
        ]
        return Idleness(
            account_id=account_id,
            next_act=min(planned, key=lambda act: act.due_at, default=None),
            obstacles=tuple(held_by),
        )

    def _require_account(self, client_id: UUID, account_id: UUID) -> None:
        members = self._members.get(client_id, [])
        if account_id not in [member.account_id for member in members]:
            raise SchedulerRefusal("account_not_found", "There is no such account.", status=404)

    async def set_limit(self, command: SetLimit) -> None:
        self._called(f"limit by {command.actor}: {command.kind} {command.amounts.per_hour}")
        self._limits.put(command, self.clock.now())

    async def remove_limit(self, command: RemoveLimit) -> None:
        self._called(f"no limit by {command.actor}: {command.kind}")
        self._limits.remove(command)

    def owner_wants(self, account_id: UUID, mode: ApprovalMode) -> None:
        """How much an account's owner leaves to the scheduler, of every kind."""
        self._modes[account_id] = mode

    def _require_asked(self, held: Held, command: Approve) -> None:
        mode = self._modes.get(held.account_id)
        if mode is ApprovalMode.SUGGEST:
            raise SchedulerRefusal("suggestion_only", "It is a suggestion.", status=409)
        if mode is ApprovalMode.APPROVE_EACH and not command.by_owner:
            raise SchedulerRefusal("owners_yes_needed", "The owner is asked.", status=409)

    def _move(self, held: Held, command: ActivityCommand, to: State) -> Moved:
        state, word = held.activity.state, _WORDS[type(command)]
        first = self._decided.get(held.activity.id)
        if state not in _ALLOWED[type(command)]:
            if isinstance(command, Approve | Reject) and first is not None:
                raise SchedulerRefusal(
                    "decided_already", f"It was {first.decision}.", status=409, decided=first
                )
            raise SchedulerRefusal("move_not_allowed", f"It is {state} now.", status=409)
        reason = f"It was {word} by {command.actor}."
        change = {"state": to, "reason_code": word, "reason": reason}
        if isinstance(command, Approve | Reject):
            self._decided[held.activity.id] = Decided(
                decision=word, decided_by=command.actor, decided_at=self.clock.now()
            )
        self.put(replace(held, activity=held.activity.model_copy(update=change)))
        return _moved(self.held(command.activity_id))

    def _held(self, command: ActivityCommand) -> Held:
        held = self._activities.get(command.activity_id)
        if held is None or held.client_id != command.client_id:
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


_WAITING = (State.AWAITING_APPROVAL,)
_ALLOWED: dict[type[ActivityCommand], tuple[State, ...]] = {
    Approve: _WAITING,
    Reject: _WAITING,
    Cancel: (*_WAITING, State.SCHEDULED, State.DISPATCHED, State.UNKNOWN, State.FAILED),
    Retry: (State.FAILED, State.UNKNOWN, State.SKIPPED),
    Decide: (State.UNKNOWN,),
    Postpone: (*_WAITING, State.SCHEDULED),
    DoneByHand: (*_WAITING, State.SCHEDULED, State.FAILED, State.SKIPPED),
}
_WORDS: dict[type[ActivityCommand], str] = {
    Approve: "approved",
    Reject: "rejected",
    Cancel: "cancelled",
    Retry: "retried",
    Decide: "decided",
    Postpone: "postponed",
    DoneByHand: "done_by_hand",
}


def _said(command: ActivityCommand) -> str:
    """As `calls` keeps it."""
    word = _WORDS.get(type(command), command.name)
    fields = command.model_dump()
    return f"{word} by {command.actor}: {fields.get('reason', fields.get('text'))}"


def _moved(held: Held) -> Moved:
    return Moved.model_validate(held.activity, from_attributes=True)
