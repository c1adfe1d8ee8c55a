"""Posts: registered by their address, or queued to be published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import NOT_YET, many, one, run

_SQL = load("chorus_gateway.store", "posts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post of the tenant."""

    id: UUID
    client_id: UUID
    pod_id: UUID | None
    author_account_id: UUID | None
    platform: str
    url: str | None
    reference: str | None
    social_id: str | None = None
    text: str | None
    state: str
    failure_reason: str | None = None
    published_at: datetime | None
    amplify: bool
    comment_texts: list[str]
    correlation_id: str
    scheduled_for: datetime | None
    priority: int
    created_by: UUID | None
    created_at: datetime = NOT_YET
    updated_at: datetime = NOT_YET


def _parameters(post: Post) -> dict[str, Any]:
    return {name: getattr(post, name) for name in Post.__slots__}


async def add(conn: Connection, post: Post) -> Post | None:
    """A new post; None when a post with the same reference is there."""
    return await one(conn, Post, _SQL.add, _parameters(post))


async def find(conn: Connection, post_id: UUID) -> Post | None:
    """A post of the transaction's tenant."""
    return await one(conn, Post, _SQL.find, {"id": post_id})


async def find_by_reference(conn: Connection, platform: str, reference: str) -> UUID | None:
    """The post that stands for `reference`."""
    cursor = await conn.execute(
        _SQL.find_by_reference, {"platform": platform, "reference": reference}
    )
    row = await cursor.fetchone()
    return row["id"] if row else None


async def listing(
    conn: Connection,
    *,
    pod_id: UUID | None,
    state: str | None,
    before: UUID | None,
    limit: int,
) -> list[Post]:
    """Newest first, older than the post `before`."""
    parameters = {"pod_id": pod_id, "state": state, "before": before, "limit": limit}
    return await many(conn, Post, _SQL.listing, parameters)


async def mark_published(
    conn: Connection,
    post_id: UUID,
    *,
    url: str,
    reference: str | None,
    social_id: str | None,
    published_at: datetime,
) -> bool:
    """The post is live. False when there is no such post, or it was known already."""
    parameters = {
        "id": post_id,
        "url": url,
        "reference": reference,
        "social_id": social_id,
        "published_at": published_at,
    }
    return await run(conn, _SQL.mark_published, parameters) > 0


async def mark_failed(conn: Connection, post_id: UUID, reason: str) -> bool:
    """The post will not be published. False when it was published after all, or is not there."""
    return await run(conn, _SQL.mark_failed, {"id": post_id, "reason": reason}) > 0


async def counters(conn: Connection, posts: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Activities of each post by state; a post without any is not in it."""
    cursor = await conn.execute(_SQL.counters, {"posts": list(posts)})
    found: dict[UUID, dict[str, int]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row["post_id"], {})[row["state"]] = row["n"]
    return found
