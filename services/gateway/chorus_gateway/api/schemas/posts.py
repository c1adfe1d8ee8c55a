"""Posts and the trigger of their amplification (P3)."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_gateway.api.fields import (
    Address,
    Comments,
    Digest,
    Document,
    Instant,
    PostText,
    Seed,
    View,
)
from chorus_gateway.api.schemas.activities import UnsettledView
from chorus_gateway.api.schemas.pods import PodKind


class NewPost(Document):
    """Either a post that is live, by its `url`, or a `text` that an account is to publish."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://www.linkedin.com/posts/ada_engines-activity-7379160923545600000-Ab1c/"
                },
                {"text": "We shipped.", "account_id": "0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e"},
            ]
        }
    )

    url: Address | None = None
    published_at: Instant | None = Field(
        default=None,
        description="With `url`: when it went live, where neither the network nor its id says it.",
    )
    text: PostText | None = None
    account_id: UUID | None = Field(
        default=None,
        description="The author's account. With `url` a hint: refused when the network disagrees.",
    )
    publish_at: Instant | None = Field(default=None, description="With `text`: not before this.")
    pod_id: UUID | None = None
    amplify: bool = Field(default=True, description="Whether the pod acts on it by itself.")
    comment_texts: Comments = Field(default=[])
    priority: Annotated[int, Field(ge=1, le=10)] = 5

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.url is None) == (self.text is None):
            raise ValueError("send either url or text")
        if self.text is not None and self.account_id is None:
            raise ValueError("text needs the account_id that is to publish it")
        if self.text is not None and self.published_at is not None:
            raise ValueError("published_at goes with url; a text has publish_at")
        if self.url is not None and self.publish_at is not None:
            raise ValueError("publish_at goes with text; a url has published_at")
        return self


class PostView(View):
    """A post. `activities` counts its activities by state."""

    id: UUID
    pod_id: UUID | None
    author_account_id: UUID | None
    platform: Platform
    url: str | None
    social_id: str | None
    text: str | None
    state: Literal["queued", "resolving", "published", "failed", "merged"]
    failure_reason: str | None = Field(
        description="Why it failed or was merged; while it resolves: why it is not known yet."
    )
    published_at: datetime | None
    scheduled_for: datetime | None
    amplify: bool
    comment_texts: list[str]
    priority: int
    activities: dict[str, int]
    correlation_id: str
    created_at: datetime
    updated_at: datetime
    author_provider_id: str | None = Field(
        default=None, description="Whom the network names as the author."
    )
    merged_into: UUID | None = Field(
        default=None, description="The post that this one turned out to be."
    )
    unsettled: UnsettledView | None = Field(
        default=None, description="Its publication, where that hides new posts of its account."
    )


class Trigger(Document):
    """Which post, and what the pod is to do about it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"postId": "0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e"}]}
    )

    post_id: UUID = Field(alias="postId")
    kinds: Annotated[list[PodKind], Field(min_length=1, max_length=3)] = Field(default=["repost"])
    dry_run: bool = Field(default=False, description="Show the plan and store nothing.")
    seed: Seed | None = Field(
        default=None, description="The seed of a preview: the plan will be the one it showed."
    )


class PlannedView(View):
    """An activity of a plan."""

    id: UUID
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    lane: Lane
    state: State
    scheduled_for: datetime | None
    text: str | None
    text_sha256: Digest = Field(description="Names the text, and no text too.")
    reason_code: str
    reason: str


class SkippedView(View):
    """A member who does not take part, and why."""

    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    code: str
    sentence: str


class TriggerResult(View):
    """What was planned, or would be."""

    success: Literal[True] = True
    activities_scheduled: int = Field(serialization_alias="activitiesScheduled")
    activities: list[PlannedView]
    existing: list[PlannedView] = Field(description="Activities that the post had before.")
    skipped: list[SkippedView]
    seed: int
    dry_run: bool = Field(serialization_alias="dryRun")
