"""Telling the others of a post, in the transaction that makes or changes its row."""

from datetime import datetime
from typing import Final, Literal

from chorus.events import Event, PostPublished, PostQueued
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.telemetry import tracing
from chorus.vocabulary import Platform
from chorus_gateway.store.posts import Post

SOURCE: Final = "chorus/gateway"
Source = Literal["registered", "detected"]


async def announce(
    conn: Connection, post: Post, now: datetime, *, source: Source = "registered"
) -> None:
    """`post.queued` of one that is to be published, `post.published` of one that is live, with how
    it became known.
    """
    event = _queued(post) if post.state == "queued" else _published(post, source)
    message = encode(event, source=SOURCE, time=now, traceparent=tracing.current.get())
    await append(conn, "gateway", [message])


def _queued(post: Post) -> Event:
    if not post.author_account_id or not post.scheduled_for:
        raise ValueError(f"post {post.id} has nobody who publishes it")
    return PostQueued(
        client_id=post.client_id,
        post_id=post.id,
        pod_id=post.pod_id,
        account_id=post.author_account_id,
        platform=Platform(post.platform),
        text=post.text or "",
        scheduled_for=post.scheduled_for,
        priority=post.priority,
        requested_by=post.created_by,
        correlation_id=post.correlation_id,
    )


def _published(post: Post, source: Source) -> Event:
    if post.state != "published" or post.url is None or post.published_at is None:
        raise ValueError(f"post {post.id} is neither queued nor live")
    return PostPublished(
        client_id=post.client_id,
        post_id=post.id,
        pod_id=post.pod_id,
        author_account_id=post.author_account_id,
        platform=Platform(post.platform),
        url=post.url,
        social_id=post.social_id,
        published_at=post.published_at,
        source=source,
        amplify=post.amplify,
        correlation_id=post.correlation_id,
    )
