"""Events about posts. Keyed by the post."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import model_validator

from chorus.events.event import Event
from chorus.events.upcasts import with_platform
from chorus.vocabulary import Platform


class PostQueued(Event):
    """Somebody asked for a post to be published.

    The scheduler plans a `publish` activity from it.
    """

    type: ClassVar[str] = "chorus.post.queued.v1"
    topic: ClassVar[str] = "post.queued"
    description: ClassVar[str] = "A post is to be published by an account, now or at a time."

    client_id: UUID
    post_id: UUID
    pod_id: UUID | None = None
    account_id: UUID
    platform: Platform
    text: str
    scheduled_for: datetime
    priority: int = 5
    requested_by: UUID | None = None
    correlation_id: str

    upcast = model_validator(mode="before")(with_platform)

    @property
    def key(self) -> str:
        return str(self.post_id)


class PostPublished(Event):
    """A post is live: registered by URL, published through Chorus, or detected."""

    type: ClassVar[str] = "chorus.post.published.v1"
    topic: ClassVar[str] = "post.published"
    description: ClassVar[str] = "A post is live and can be amplified."

    client_id: UUID
    post_id: UUID
    pod_id: UUID | None = None
    author_account_id: UUID | None = None
    platform: Platform
    url: str
    social_id: str | None = None
    """The provider's id for actions on the post; resolved by the executor where it is missing."""
    published_at: datetime
    source: Literal["registered", "published", "detected"]
    amplify: bool = True
    """Whether the pod's automation may plan activities from this event."""
    correlation_id: str

    upcast = model_validator(mode="before")(with_platform)

    @property
    def key(self) -> str:
        return str(self.post_id)


class PublishFailed(Event):
    """A queued post will not be published: its activity ended without success."""

    type: ClassVar[str] = "chorus.post.publish_failed.v1"
    topic: ClassVar[str] = "post.publish_failed"
    description: ClassVar[str] = "A queued post could not be published."

    client_id: UUID
    post_id: UUID
    state: str
    """The state of its activity: failed, unknown, skipped or cancelled."""
    reason: str
    correlation_id: str

    @property
    def key(self) -> str:
        return str(self.post_id)
