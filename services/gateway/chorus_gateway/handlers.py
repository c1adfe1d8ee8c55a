"""What the gateway does about events: a post's row follows what became of the post."""

import psycopg
import structlog

from chorus import linkedin
from chorus.clock import Clock
from chorus.errors import ChorusError, DependencyUnavailable
from chorus.events import PostPublished, PublishFailed
from chorus.kafka.envelope import Received
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_gateway.post_merging import merge_ours
from chorus_gateway.store import activities, posts
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)


class NotHandedOver(ChorusError):
    """Somebody tells of an act that the ledger never handed over: a person has to look at it."""


class Handlers:
    """Both may be repeated: they set what the event says, and a live post stays live."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def on_post_published(self, received: Received[PostPublished]) -> None:
        """A post went live through us. What was registered or detected here is known."""
        event = received.event
        if event.source in {"registered", "detected"}:
            return
        async with self._database.tenant(event.client_id) as conn:
            if not await activities.was_handed_over(conn, event.post_id, Kind.PUBLISH):
                raise NotHandedOver(f"Nobody was told to publish the post {event.post_id}.")
            changed = await self._published(conn, event)
        _log.info("post.published", post_id=str(event.post_id), changed=changed)

    async def _published(self, conn: Connection, event: PostPublished) -> bool:
        """Whether anything is new. One that somebody registered by its address is that one."""
        reference = _reference(event.url)
        try:
            async with conn.transaction():
                twin = await posts.find_twin(
                    conn,
                    event.post_id,
                    platform=event.platform,
                    reference=reference,
                    social_id=event.social_id,
                )
                if twin is None:
                    return await posts.mark_published(
                        conn,
                        event.post_id,
                        url=event.url,
                        reference=reference,
                        social_id=event.social_id,
                        published_at=event.published_at,
                    )
        except psycopg.errors.UniqueViolation as error:
            raise DependencyUnavailable("Somebody registers this post right now.") from error
        return await merge_ours(conn, event.post_id, twin, self._clock.now())

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
