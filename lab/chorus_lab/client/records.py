"""What the APIs answer, as far as the demo, the tests and the benchmarks look at it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chorus.vocabulary import Kind

SETTLED = frozenset({"executed", "failed", "unknown", "skipped", "cancelled"})
"""States from which nothing follows by itself, unless it is an unknown that is still looked for."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Tokens(_Record):
    access_token: str
    refresh_token: str


class Post(_Record):
    id: UUID
    state: str
    url: str | None
    social_id: str | None
    published_at: datetime | None
    failure_reason: str | None
    activities: Mapping[str, int]
    correlation_id: str


class Planned(_Record):
    """An activity of a plan, stored or not."""

    id: UUID
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    state: str
    scheduled_for: datetime
    text: str | None
    reason_code: str
    reason: str


class Skipped(_Record):
    """A member who does not take part."""

    account_id: UUID
    member_name: str | None
    kind: Kind
    code: str
    sentence: str


class Amplification(_Record):
    """The answer of `trigger-amplification`."""

    success: bool
    scheduled: int = Field(alias="activitiesScheduled")
    activities: list[Planned]
    existing: list[Planned]
    skipped: list[Skipped]
    seed: int
    dry_run: bool = Field(alias="dryRun")


class Activity(_Record):
    """A row of the ledger, as the API shows it."""

    id: UUID
    post_id: UUID
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    state: str
    reason_code: str
    reason: str
    draft_text: str | None
    text_sha256: str
    final_text: str | None
    scheduled_for: datetime
    executed_at: datetime | None
    next_retry_at: datetime | None
    attempt: int
    max_attempts: int
    last_error: dict[str, Any] | None
    result_url: str | None
    verified: bool
    paused_by: UUID | None
    needs_person: bool
    correlation_id: str

    @property
    def settled(self) -> bool:
        """Whether nothing follows by itself any more."""
        if self.state == "unknown":
            return self.needs_person
        return self.state in SETTLED


class Entry(_Record):
    """A line of an activity's story."""

    at: datetime
    source: str
    code: str
    sentence: str
    actor: str | None
    execution: int | None
    detail: dict[str, Any] | None
    evidence_url: str | None = None
    """Of a screenshot, where there is one."""


class Effect(_Record):
    """Something that really happened on the network."""

    seq: int
    at: datetime
    kind: Kind
    account_id: str
    """The provider's id of the account."""
    target: str
    post_id: str | None
    text: str | None


class Summary(_Record):
    """The truth in numbers."""

    total: int
    counts: Mapping[str, int]
    doubles: list[dict[str, Any]]
    refused: Mapping[str, Mapping[str, int]]
