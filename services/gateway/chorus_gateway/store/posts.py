"""Posts: registered by their address, or queued to be published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.post_identity import Identity
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
    author_provider_id: str | None = None
    """Whom the network names as the author."""
    merged_into: UUID | None = None
    """The post that this one turned out to be."""
    resolving_since: datetime | None = None
    lookups: int = 0
    ask_at: datetime | None = None
    """While `resolving`: since when, how often it was looked up, and when again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A post of some tenant that is to be looked up."""

    post_id: UUID
    client_id: UUID


def _parameters(post: Post) -> dict[str, Any]:
    return {name: getattr(post, name) for name in Post.__slots__}


async def add(conn: Connection, post: Post) -> Post | None:
    """A new post; None when a post with the same address is there."""
    return await one(conn, Post, _SQL.add, _parameters(post))


async def find(conn: Connection, post_id: UUID) -> Post | None:
    """A post of the transaction's tenant."""
    return await one(conn, Post, _SQL.find, {"id": post_id})


async def lock(conn: Connection, post_id: UUID) -> Post | None:
    """The same, locked until the end of the transaction."""
    return await one(conn, Post, _SQL.lock, {"id": post_id})


async def find_by_address(conn: Connection, platform: str, reference: str) -> Post | None:
    """The post that an address stands for; a merged one leads on by `merged_into`."""
    parameters = {"platform": platform, "reference": reference}
    return await one(conn, Post, _SQL.find_by_address, parameters)


async def find_by_social_id(conn: Connection, post: Post, social_id: str) -> Post | None:
    """Another row that is this post of the network; locked."""
    parameters = {"platform": post.platform, "social_id": social_id, "but": post.id}
    return await one(conn, Post, _SQL.find_by_social_id, parameters)


async def find_twin(
    conn: Connection, post_id: UUID, *, platform: str, reference: str | None, social_id: str | None
) -> Post | None:
    """Another row that is live and is the same post of the network; locked."""
    parameters = {
        "id": post_id,
        "platform": platform,
        "reference": reference,
        "social_id": social_id,
    }
    return await one(conn, Post, _SQL.find_twin, parameters)


async def revive(conn: Connection, post: Post) -> Post | None:
    """Try a registration that came to nothing once more, as it is wanted now."""
    return await one(conn, Post, _SQL.revive, _parameters(post))


async def point_out(
    conn: Connection, post_id: UUID, *, url: str, reference: str, now: datetime
) -> None:
    """A queued post waits to be looked up at this address; one that is live stays as it is."""
    values = {"id": post_id, "url": url, "reference": reference, "now": now}
    await run(conn, _SQL.point_out, values)


async def identified(conn: Connection, post_id: UUID, identity: Identity) -> Post | None:
    """A waiting post is known. None when it does not wait any more.

    Raises psycopg's UniqueViolation where another row is this post.
    """
    parameters = {
        "id": post_id,
        "social_id": identity.social_id,
        "url": identity.url,
        "author_provider_id": identity.author_provider_id,
        "author_account_id": identity.author_account_id,
        "published_at": identity.published_at,
        "shown_author": identity.shown_author,
        "shown_text": identity.shown_text,
    }
    return await one(conn, Post, _SQL.identified, parameters)


async def merge(conn: Connection, post_id: UUID, *, into: UUID, reason: str) -> None:
    """The row is another address of `into`."""
    await run(conn, _SQL.merge, {"id": post_id, "into": into, "reason": reason})


async def refuse(conn: Connection, post_id: UUID, reason: str) -> None:
    """A waiting post will not be registered."""
    await run(conn, _SQL.refuse, {"id": post_id, "reason": reason})


async def put_off(conn: Connection, post_id: UUID, *, ask_at: datetime, reason: str) -> None:
    """A waiting post is looked up again at `ask_at`."""
    await run(conn, _SQL.put_off, {"id": post_id, "ask_at": ask_at, "reason": reason})


async def take_over_wishes(conn: Connection, post_id: UUID, other: Post) -> Post | None:
    """What was wanted of `other` is wanted of this post too."""
    parameters = {
        "id": post_id,
        "amplify": other.amplify,
        "pod_id": other.pod_id,
        "author_account_id": other.author_account_id,
        "comment_texts": other.comment_texts,
    }
    return await one(conn, Post, _SQL.take_over_wishes, parameters)


async def claim_resolving(
    conn: Connection, *, now: datetime, until: datetime, limit: int
) -> list[Waiting]:
    """Posts of all tenants that are to be looked up now, leased `until`."""
    parameters = {"now": now, "until": until, "limit": limit}
    return await many(conn, Waiting, _SQL.claim_resolving, parameters)


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
