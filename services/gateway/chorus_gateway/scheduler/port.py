"""What the gateway asks of the scheduler."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chorus import texts
from chorus.documents.absences import AbsencesApplied
from chorus.documents.activity_commands import ActivityCommand, Moved
from chorus.documents.idleness import Idleness
from chorus.documents.limits import AccountLimits, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.errors import ChorusError
from chorus.vocabulary import Kind, Lane, State


class SchedulerRefusal(ChorusError):
    """The scheduler answered, and the answer is no.

    `code` is its own word: post_not_found, no_pod_members, post_not_published, activity_not_found,
    move_not_allowed, text_changed, text_not_allowed, text_needed, consent_missing,
    not_taking_part, decided_already, suggestion_only, owners_yes_needed, done_elsewhere,
    pause_not_found, pause_conflict, account_not_found, limit_changed. The message is its sentence.
    `decided`: what somebody else decided first, who (`user:…`, `key:…`) and when.
    """

    def __init__(
        self, code: str, sentence: str, *, status: int, decided: "Decided | None" = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status
        self.decided = decided


class Decided(BaseModel):
    """What was decided of an activity, by whom and when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    decision: str
    decided_by: str
    decided_at: datetime


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PlannedActivity(_Answer):
    """An activity of a plan; in a preview it has its id already."""

    id: UUID
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    lane: Lane
    state: State
    scheduled_for: datetime | None
    text: str | None = None
    reason_code: str
    reason: str

    @property
    def text_sha256(self) -> str:
        """Names the words that it will say."""
        return texts.digest(self.text)


class SkippedMember(_Answer):
    """A member who does not take part, and why."""

    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    code: str
    sentence: str


class Plan(_Answer):
    """What would happen, or will: the same seed gives the same plan."""

    seed: int
    stored: bool
    planned: tuple[PlannedActivity, ...] = ()
    existing: tuple[PlannedActivity, ...] = ()
    """Activities that the post had before."""
    skipped: tuple[SkippedMember, ...] = ()


class Scheduler(Protocol):
    """The scheduler's internal API. Every call names the tenant and who asks.

    All raise SchedulerRefusal, or DependencyUnavailable when no answer came in time: then a plan or
    a move may have happened, and asking again is safe.
    """

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
        """Plan a post's amplification; nothing is stored when `dry_run`."""
        ...

    async def command(self, command: ActivityCommand) -> Moved:
        """What a person says about one activity (`chorus.documents.activity_commands`)."""
        ...

    async def clear_queue(self, command: ClearQueue) -> Cleared:
        """Call off what is planned of a tenant, a pod, a post or an account."""
        ...

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
        """Stop a tenant, a pod or an account; answers the pause's id.

        own: it is the account's owner who stops it, beside whatever others have stopped.
        """
        ...

    async def pause_challenged(
        self, *, client_id: UUID, account_id: UUID, pause_id: UUID, reason: str
    ) -> None:
        """Pause an account after a challenge. The same pause again, or one in force: no more."""
        ...

    async def resume(self, *, client_id: UUID, pause_id: UUID, actor: str) -> None:
        """End a pause."""
        ...

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        """Cancel what an account no longer agrees to; answers how many."""
        ...

    async def absences_changed(
        self, *, client_id: UUID, account_id: UUID, actor: str
    ) -> AbsencesApplied:
        """Place again what an account's absences hold up, or have held up."""
        ...

    async def limits(self, *, client_id: UUID, account_id: UUID) -> AccountLimits:
        """What an account may do, and what of it is left."""
        ...

    async def why_idle(self, *, client_id: UUID, account_id: UUID) -> Idleness:
        """What stands in an account's way."""
        ...

    async def set_limit(self, command: SetLimit) -> None:
        """Put a limit in force."""
        ...

    async def remove_limit(self, command: RemoveLimit) -> None:
        """Let what is more general hold again."""
        ...
