"""Activities, their story, counters, pauses, the audit log."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from chorus import texts
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_gateway.api.fields import Address, Comment, Digest, Document, Instant, Reason, View

ShownState = Literal[
    "planned", "awaiting_approval", "suggested", "scheduled", "dispatched", "executing",
    "executed", "failed", "unknown", "skipped", "cancelled",
]  # fmt: skip


class ActivityView(View):
    """One thing that an account does, did, or did not do, and why."""

    id: UUID
    post_id: UUID
    pod_id: UUID | None
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    platform: Platform
    kind: Kind
    lane: Lane
    state: ShownState
    reason_code: str
    reason: str
    post_url: str | None = Field(validation_alias="target_url")
    post_author: str | None = Field(description="Whose post it is about, where that is known.")
    post_beginning: str | None = Field(
        description="The first 300 characters of that post, where they are known."
    )
    draft_text: str | None
    text_sha256: Digest = Field(
        description="Names draft_text, and no text too: who approves says which words were read."
    )
    final_text: str | None
    scheduled_for: datetime | None
    executed_at: datetime | None
    attempt: int
    max_attempts: int
    failure_count: int
    last_error: dict[str, Any] | None
    next_retry_at: datetime | None
    result: dict[str, Any] | None
    result_url: str | None
    verified: bool
    paused_by: UUID | None
    held: bool = Field(
        description="It stands still while its member, its pod or its kind takes no part, and goes"
        " on when they do before its window has ended."
    )
    needs_person: bool
    effect: Literal["none", "possible", "seen"] = Field(
        description="Whether an effect of it may exist on the network, whatever its state."
    )
    stopped_at: datetime | None = Field(description="When somebody said no.")
    stopped_by: str | None
    stop_reason: str | None
    approval: Literal["not_needed", "waiting", "given"]
    approved_by: str | None
    approved_at: datetime | None
    approval_expires_at: datetime | None
    suggested: bool = Field(description="Its account's person does it by hand; Chorus never does.")
    by_hand: bool = Field(description="It was done, and not by Chorus.")
    correlation_id: str
    created_at: datetime
    updated_at: datetime


class EntryView(View):
    """One line of an activity's story."""

    at: datetime
    source: Literal["scheduler", "executor"]
    code: str
    sentence: str
    actor: str | None
    execution: int | None
    limit: dict[str, Any] | None
    next_possible_at: datetime | None
    detail: dict[str, Any] | None
    evidence_url: str | None = Field(description="A screenshot of the failure, for 7 days.")


class EvidenceView(View):
    """What a page showed when an execution failed."""

    id: UUID
    execution: int
    taken_at: datetime
    state: str = Field(description="What the page was taken for.", examples=["layout_changed"])
    page_path: str
    title: str
    content_type: str
    size: int = Field(description="Bytes.")
    url: str


class TimelineView(View):
    """An activity and everything that was decided and done about it, in order."""

    activity: ActivityView
    entries: list[EntryView]


class Approval(Document):
    """A yes to the words that were read, with another text where one is given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text_sha256": texts.digest("So tru, Ada."), "text": "So true, Ada."}]
        }
    )

    text_sha256: Digest | None = Field(
        default=None,
        description="Which words were read: as the activity shows it. Only a like needs none.",
    )
    text: Comment | None = None


class Wording(Document):
    """What it shall say. Null makes a repost an instant one; a comment needs a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "So true, Ada."}]})

    text: Comment | None


class WithReason(Document):
    """Why, for the record."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Not in this tone."}]})

    reason: Reason = "No reason was given."


class Postponement(Document):
    """Until when it waits, and why, for the record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"until": "2026-12-01T09:00:00Z", "reason": "Not in this week."}]
        }
    )

    until: Instant
    reason: Reason = "No reason was given."


class Finding(Document):
    """What a person found of an activity of which nobody could tell."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"happened": True, "reason": "I see the comment."}]}
    )

    happened: bool = Field(description="Whether it is there. False: it is done once more.")
    url: Address | None = Field(
        default=None, description="Where a published post is; needed where one is there."
    )
    reason: Reason = "No reason was given."


class MovedView(View):
    """An activity after it was moved, with what it will say."""

    id: UUID
    state: State
    scheduled_for: datetime | None
    reason_code: str
    reason: str
    text: str | None
    text_sha256: Digest = Field(description="Names the text, and no text too.")


class Counters(View):
    """How many activities are where (A3)."""

    total: int = 0
    pending: int = Field(default=0, description="Planned, or waiting for a person's yes.")
    suggested: int = Field(default=0, description="For their people to do by hand.")
    scheduled: int = 0
    executing: int = 0
    executed: int = Field(default=0, description="By Chorus.")
    done_by_hand: int = Field(default=0, description="By the accounts' people themselves.")
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    cancelled: int = 0


class MemberCounters(Counters):
    """The same for one member; `member_id` null: activities of nobody in the pod."""

    member_id: UUID | None


class PodStatsView(Counters):
    """A pod's counters, and its members'."""

    pod_id: UUID
    members: list[MemberCounters]


class NewPause(Document):
    """What is to stop. It is in force within 2 seconds."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scope": "tenant", "reason": "Checking the new texts."}]}
    )

    scope: Literal["tenant", "pod", "account"]
    scope_id: UUID | None = Field(default=None, description="The pod or account.")
    reason: Reason

    @model_validator(mode="after")
    def _names_what(self) -> Self:
        if (self.scope == "tenant") != (self.scope_id is None):
            raise ValueError("scope_id names the pod or account; scope tenant has none")
        return self


class UnsettledView(View):
    """A publication of which a new post of the account may be the effect: until it is settled, or
    `until`, none is found.
    """

    post_id: UUID
    activity_id: UUID | None
    code: Literal["out", "unknown", "no_address", "looked_up", "one_name"]
    sentence: str
    settled_by: str = Field(description="What settles it.")
    until: datetime


class PauseView(View):
    """A stop."""

    id: UUID
    scope: Literal["everything", "tenant", "pod", "account"]
    scope_id: UUID | None
    code: str
    reason: str
    evidence: dict[str, Any] | None
    paused_by: str
    paused_at: datetime
    resumed_by: str | None
    resumed_at: datetime | None


class AuditEntryView(View):
    """Who changed what, when, and from where."""

    id: int
    at: datetime
    actor: str
    actor_id: UUID | None
    action: str
    subject_id: UUID | None
    detail: dict[str, Any]
    address: str | None
    trace_id: str | None


States = Annotated[list[ShownState], Field(max_length=10)]
