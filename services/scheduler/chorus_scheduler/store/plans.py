"""What the planner needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from psycopg.rows import tuple_row

from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.instants import Micros
from chorus_scheduler.domain.limits import RateLimits
from chorus_scheduler.store.limits import rate_limits
from chorus_scheduler.store.rows import QUERIES, all_rows, as_array


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as the gateway publishes it."""

    post_id: UUID
    client_id: UUID
    pod_id: UUID | None
    author_account_id: UUID | None
    platform: Platform
    url: str | None
    social_id: str | None
    text: str | None
    state: str
    published_at: datetime | None
    comment_texts: tuple[str, ...]
    correlation_id: str
    amplify: bool


async def lock_tenant(conn: Connection, client_id: UUID) -> None:
    """One plan at a time in a tenant: what a plan books, the next one sees."""
    await conn.execute(QUERIES.lock_tenant, {"client_id": client_id})


MemberRow: TypeAlias = tuple[
    UUID,  # account
    UUID,  # member
    str,  # what the scopes of the account begin with
    str,  # the provider's id of the account
    str,  # name
    bool,  # active
    bool,  # of the post's platform
    bool,  # connected
    str,  # kinds, with commas between them
    str,  # consented kinds
    float,  # connected at, seconds of Unix time
    list[str] | None,  # phrases
    UUID | None,  # cartridge
    str | None,  # active hours, JSON
    str | None,  # and their time zone
    UUID,  # pod
    bool,  # of whom the network names as the post's author
]
"""A member with its account, as it comes: there are thousands in a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a plan of a post begins with."""

    last_plan: int
    """The tenant's newest plan when this was read."""

    post: Post | None
    policies: dict[UUID, object]
    """Of the post's pod: one, or none."""
    members: list[MemberRow]
    """Of the same pod; oldest first."""
    limits: RateLimits
    existing: list[dict[str, Any]]
    """The post's activities."""


async def find(conn: Connection, *, client_id: UUID, post_id: UUID) -> Found:
    """Read it all in one journey to the server; which plan is the tenant's last is read first."""
    parameters = {"client_id": client_id, "post_id": post_id}
    async with conn.pipeline():
        last = await conn.execute(QUERIES.last_plan, {"client_id": client_id}, prepare=True)
        post = await conn.execute(QUERIES.find_post, parameters, prepare=True)
        pods = await conn.execute(QUERIES.pods_of_post, parameters, prepare=True)
        members = await conn.cursor(row_factory=tuple_row).execute(
            QUERIES.members_of_post, parameters, prepare=True, binary=True
        )
        there = await conn.execute(QUERIES.activities_of_post, parameters, prepare=True)
        limits = await rate_limits(conn)
    return Found(
        last_plan=_last(await last.fetchone()),
        post=_post(await post.fetchone()),
        policies={row["pod_id"]: row["policy"] for row in await pods.fetchall()},
        members=await all_rows(members),
        limits=limits,
        existing=await all_rows(there),
    )


async def lock_and_look(conn: Connection, client_id: UUID) -> int:
    """Take the tenant's lock, and then look which plan is its last."""
    async with conn.pipeline():
        await lock_tenant(conn, client_id)
        last = await conn.execute(QUERIES.last_plan, {"client_id": client_id}, prepare=True)
    return _last(await last.fetchone())


def _last(row: dict[str, Any] | None) -> int:
    return int(row["id"]) if row else 0


async def anybody(conn: Connection, client_id: UUID) -> bool:
    """Whether the tenant has an active member in any pod."""
    cursor = await conn.execute(QUERIES.any_member, {"client_id": client_id})
    return await cursor.fetchone() is not None


def _post(row: dict[str, Any] | None) -> Post | None:
    if row is None:
        return None
    row["platform"] = Platform(row["platform"])
    row["comment_texts"] = tuple(row["comment_texts"] or ())
    return Post(**row)


async def existing(conn: Connection, *, client_id: UUID, post_id: UUID) -> list[dict[str, Any]]:
    """The post's activities."""
    parameters = {"client_id": client_id, "post_id": post_id}
    return list(await (await conn.execute(QUERIES.activities_of_post, parameters)).fetchall())


async def taken(
    conn: Connection, accounts: Sequence[UUID], kinds: Sequence[Kind]
) -> dict[str, list[Micros]]:
    """Instants, by scope, that these accounts have used or that their open activities have.

    Not sorted.
    """
    parameters = {"accounts": as_array(accounts), "kinds": [str(kind) for kind in kinds]}
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(QUERIES.taken, parameters, prepare=True, binary=True)
    found: dict[str, list[Micros]] = {}
    for scope, instant in await all_rows(cursor):
        found.setdefault(scope, []).append(instant)
    return found
