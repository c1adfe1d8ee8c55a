"""What the gateway does about events: a post's row follows what became of the post."""

import structlog

from chorus import linkedin
from chorus.events import PostPublished, PublishFailed
from chorus.kafka.envelope import Received
from chorus_gateway.store import posts
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)


class Handlers:
    """Both may be repeated: they set what the event says, and a live post stays live."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_post_published(self, received: Received[PostPublished]) -> None:
        """A post went live through us, or was found. What we registered ourselves is known."""
        event = received.event
        if event.source == "registered":
            return
        async with self._database.tenant(event.client_id) as conn:
            changed = await posts.mark_published(
                conn,
                event.post_id,
                url=event.url,
                reference=_reference(event.url),
                social_id=event.social_id,
                published_at=event.published_at,
            )
        _log.info("post.published", post_id=str(event.post_id), changed=changed)

    async def on_publish_failed(self, received: Received[PublishFailed]) -> None:
        """A queued post will not be published."""
        event = received.event
        async with self._database.tenant(event.client_id) as conn:
            changed = await posts.mark_failed(conn, event.post_id, event.reason)
        _log.info("post.publish_failed", post_id=str(event.post_id), changed=changed)


def _reference(url: str) -> str | None:
    try:
        return linkedin.parse_post(url).reference
    except linkedin.NotALinkedInAddress:
        return None
