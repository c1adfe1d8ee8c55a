"""The ledger's noun: what one account is to do on one post, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chorus.vocabulary import Kind, Lane, Mode, Platform, State
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.wording import Voice

Approval = Literal["not_needed", "waiting", "given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which activity it is, and whose: every part of one that is read says so."""

    id: UUID
    """Made of subject, account and kind: the same intent has the same id."""
    client_id: UUID
    post_id: UUID
    account_id: UUID
    kind: Kind
    correlation_id: str
    """Of the request or event that it was planned for; it goes all the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Identity):
    """What is told of an activity that was changed."""

    state: State
    reason: str
    """Why it is as it is: one sentence for a person."""
    unheard: frozenset[int]
    """The executions that are out: handed over, and no outcome heard."""
    traceparent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Report):
    """All that a person's word is judged by, and what is told of it afterwards."""

    pod_id: UUID | None
    """None: its account does it for itself, and not as a member of a pod."""
    member_id: UUID | None
    platform: Platform
    lane: Lane
    mode: Mode
    """What its last execution was to do: act, or only look."""
    effect: Effect
    execution: int
    """How many were handed over; with the id it names the last of them."""
    attempt: int
    max_attempts: int
    scheduled_for: datetime
    """Its place in the plan."""
    due_at: datetime
    """When it is handed over: its place, or a retry's instant."""
    text: str | None
    """What it says, as it is shown, approved and sent."""
    voice: Voice
    reason_code: str
    approval: Approval
    approval_expires_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    owner_agreed: bool
    """The yes that was given is that of the account's owner."""
    suggested: bool
    """Its account's person does it by hand, or nobody."""
    stopped_by: str | None
    """Who said no; None where nobody did, or it was taken back."""
    stopped_at: datetime | None
    stop_code: str | None
    needs_person: bool

    @property
    def over(self) -> frozenset[int]:
        """The executions whose outcome was heard: nothing of them is under way any more."""
        return frozenset(range(1, self.execution + 1)) - self.unheard


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Identity):
    """What a due command is made of: one execution, and all that its executor needs."""

    provider_account_id: str
    platform: Platform
    lane: Lane
    mode: Mode
    execution: int
    attempt: int
    max_attempts: int
    target_url: str | None
    target_social_id: str | None
    text: str | None
    voice: Voice
    cartridge_id: UUID | None
    reaction: str
    due_at: datetime
    acts_until: datetime | None
    """From when on its call may not be made any more."""
    traceparent: str | None


def about(activity: Identity) -> About:
    """What a decision about an activity is about."""
    return About(
        client_id=activity.client_id,
        activity_id=activity.id,
        post_id=activity.post_id,
        account_id=activity.account_id,
        kind=activity.kind,
        correlation_id=activity.correlation_id,
    )
