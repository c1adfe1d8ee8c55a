"""Posts that watches found are registered, once, as if their author's pod had been told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
import structlog

from chorus.clock import Clock
from chorus.errors import ChorusError
from chorus.events import SeenPost, WatchChecked
from chorus.ids import new_id
from chorus.kafka.envelope import Received
from chorus.linkedin import PostAddress
from chorus.postgres.pool import Connection
from chorus.telemetry import metrics
from chorus.vocabulary import WatchKind
from chorus_gateway.domain.detection import address_of, fresh
from chorus_gateway.domain.post_identity import Identity, beginning
from chorus_gateway.post_events import announce
from chorus_gateway.store import audit, detections, posts, watches
from chorus_gateway.store.database import Database
from chorus_gateway.store.posts import Post
from chorus_gateway.store.watches import Watch

_log = structlog.get_logger(__name__)
ACTOR: Final = "detector"
_PRIORITY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Who looked, on which network (the account's), and for which pod."""

    watch: Watch
    platform: str
    pod_id: UUID


class NotAskedFor(ChorusError):
    """Somebody tells of a look that the ledger never asked for: a person has to look at it."""


class Detector:
    """Any look may be told again, and tells again what was found before."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def on_watch_checked(self, received: Received[WatchChecked]) -> None:
        """Register what is new of an account's own posts."""
        event = received.event
        if event.kind is not WatchKind.POSTS_OF_ACCOUNT or not event.posts:
            return
        async with self._database.tenant(event.client_id) as conn:
            watch = asked_for(event, await watches.find(conn, event.watch_id))
            verdicts = await self._register(conn, watch, event)
        for verdict in verdicts:
            metrics.watches.registered.labels(verdict).inc()

    async def _register(self, conn: Connection, watch: Watch, event: WatchChecked) -> list[str]:
        """What became of each post."""
        now = self._clock.now()
        agreed = await detections.agreed(conn, watch.account_id)
        pod_id = await detections.asking_pod(conn, watch.account_id)
        if watch.ended_at is not None or agreed is None or pod_id is None:
            return ["unwanted"] * len(event.posts)
        news = fresh(event.posts, began_at=watch.began_at, now=now)
        verdicts = ["not_fresh"] * (len(event.posts) - len(news))
        place = _Place(watch=watch, platform=agreed.platform, pod_id=pod_id)
        for seen in news:
            verdicts.append(
                await _one(conn, place, seen, now)
                if agreed.profile_id in (None, seen.author_provider_id)
                else "unwanted"
            )
        return verdicts


def asked_for(event: WatchChecked, watch: Watch | None) -> Watch:
    """Whose posts these are says the ledger, not the message."""
    if (
        watch is None
        or watch.kind != event.kind
        or watch.account_id != event.account_id
        or not 0 < event.execution <= watch.execution
    ):
        raise NotAskedFor(f"Nobody was asked to look for the watch {event.watch_id}.")
    return watch


async def _one(conn: Connection, place: _Place, seen: SeenPost, now: datetime) -> str:
    watch, address = place.watch, address_of(seen)
    if address is None or address.platform != place.platform:
        _log.warning("post.not_read", watch_id=str(watch.id))
        return "unreadable"
    if await _is_known(conn, place.platform, [seen.social_id, address.reference]):
        return "known"
    if await detections.unsettled(conn, accounts=[watch.account_id]):
        # Told again at the next look, when it is known whether it is.
        return "awaited"
    post = await _add(conn, place, seen, address, now)
    if post is None:
        return "known"
    await announce(conn, post, now, source="detected")
    await _note(conn, watch, post)
    return "registered"


async def _is_known(conn: Connection, platform: str, names: Sequence[str]) -> bool:
    """By whatever name. One that came to nothing is not: it is tried again."""
    found = [await posts.find_by_address(conn, platform, name) for name in names]
    return any(post is not None and post.state != "failed" for post in found)


async def _add(
    conn: Connection, place: _Place, seen: SeenPost, address: PostAddress, now: datetime
) -> Post | None:
    """None: somebody else registers it at this moment, under this address or another."""
    draft = _draft(place, address, now)
    text = await detections.shown_text(conn, place.watch.id, seen.social_id)
    identity = Identity(
        social_id=seen.social_id,
        url=address.url,
        author_provider_id=seen.author_provider_id,
        author_account_id=place.watch.account_id,
        published_at=min(seen.published_at, now),
        shown_text=beginning(text, 300),
    )
    try:
        async with conn.transaction():
            row = await posts.add(conn, draft) or await posts.revive(conn, draft)
            return None if row is None else await posts.identified(conn, row.id, identity)
    except psycopg.errors.UniqueViolation:
        return None


def _draft(place: _Place, address: PostAddress, now: datetime) -> Post:
    post_id = new_id()
    return Post(
        id=post_id,
        client_id=place.watch.client_id,
        pod_id=place.pod_id,
        author_account_id=place.watch.account_id,
        platform=place.platform,
        url=address.url,
        reference=address.reference,
        text=None,
        state="resolving",
        published_at=None,
        amplify=True,
        comment_texts=[],
        correlation_id=f"post-{post_id}",
        scheduled_for=None,
        priority=_PRIORITY,
        created_by=None,
        resolving_since=now,
        ask_at=now,
    )


async def _note(conn: Connection, watch: Watch, post: Post) -> None:
    detail = {
        "watch_id": str(watch.id),
        "account_id": str(watch.account_id),
        "pod_id": str(post.pod_id),
        "social_id": post.social_id,
    }
    await audit.add(
        conn,
        client_id=post.client_id,
        actor=ACTOR,
        action="post.detected",
        subject_id=post.id,
        detail=detail,
    )
    _log.info("post.detected", post_id=str(post.id), watch_id=str(watch.id))
