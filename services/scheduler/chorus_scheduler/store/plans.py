"""What the planner needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import args_row, tuple_row

from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.instants import Micros
from chorus_scheduler.store.rows import QUERIES


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


async def find_post(conn: Connection, *, client_id: UUID, post_id: UUID) -> Post | None:
    """The tenant's post."""
    parameters = {"client_id": client_id, "post_id": post_id}
    row = await (await conn.execute(QUERIES.find_post, parameters)).fetchone()
    if row is None:
        return None
    row["platform"] = Platform(row["platform"])
    row["comment_texts"] = tuple(row["comment_texts"] or ())
    return Post(**row)


class MemberRow(NamedTuple):
    """A member with its account, in the columns of `members_of_post`: there are thousands."""

    account_id: UUID
    member_id: UUID
    pod_id: UUID
    cartridge_id: UUID | None
    provider_account_id: str
    name: str
    active: bool
    platform: str
    connected: bool
    kinds: str
    """Names, with commas between them."""
    consented_kinds: str
    connected_at: float
    """Seconds of Unix time."""
    phrases: list[str]
    active_hours: str | None
    """JSON."""
    timezone: str


async def members(conn: Connection, *, client_id: UUID, pod_id: UUID | None) -> list[MemberRow]:
    """Members of the pod, or of all pods of the tenant, with their accounts; oldest first."""
    parameters = {"client_id": client_id, "pod_id": pod_id}
    cursor = conn.cursor(row_factory=args_row(MemberRow))
    return await (await cursor.execute(QUERIES.members_of_post, parameters, binary=True)).fetchall()


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
    parameters = {"accounts": list(accounts), "kinds": [str(kind) for kind in kinds]}
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(QUERIES.taken, parameters, binary=True)
    found: dict[str, list[Micros]] = {}
    for scope, instants in await cursor.fetchall():
        found.setdefault(scope, []).extend(instants)
    return found
