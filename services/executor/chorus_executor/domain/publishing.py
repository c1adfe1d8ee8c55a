"""What is wanted of a post that the executor publishes, and the fact that it is live."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.events import ActivityDue, PostPublished


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What its people want of a post once it is live."""

    pod_id: UUID | None = None
    amplify: bool = False


def published(
    command: ActivityDue,
    wishes: Wishes,
    post_id: UUID,
    *,
    url: str,
    social_id: str | None,
    at: datetime,
) -> PostPublished:
    """The fact that follows from an executed `publish`."""
    return PostPublished(
        client_id=command.client_id,
        post_id=post_id,
        pod_id=wishes.pod_id,
        author_account_id=command.account_id,
        platform=command.platform,
        url=url,
        social_id=social_id,
        published_at=at,
        source="published",
        amplify=wishes.amplify,
        correlation_id=command.correlation_id,
    )
