"""What the planner needs to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.domain.instants import Micros, to_micros
from chorus_scheduler.domain.limits import RateLimits
from chorus_scheduler.store.limits import rate_limits
from chorus_scheduler.store.rows import Row, all_rows, all_values, as_array

SQL = load("chorus_scheduler.store", "plan_inputs.sql")


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
    await conn.execute(SQL.lock_tenant, {"client_id": client_id})


class MemberRow(NamedTuple):
    """A member with its account, as it comes: there are thousands in a plan."""

    account_id: UUID
    member_id: UUID
    scope: str
    """What the scopes of the account begin with."""
    provider_account_id: str
    name: str
    active: bool
    of_platform: bool
    """Of the post's."""
    connected: bool
    kinds: str
    """With commas between them, as the next one."""
    consented: str
    warms_from: float
    """Seconds of Unix time."""
    phrases: list[str] | None
    cartridge_id: UUID | None
    hours: str | None
    """JSON; None where nobody chose any."""
    zone: str | None
    """None: UTC."""
    away: str | None
    """JSON; None where nobody is away."""
    pod_id: UUID
    wrote: bool
    """Whom the network names as the post's author."""
    modes: str | None = None
    """What the owner wants of each kind, as JSON; None: nothing."""


def _member_rows(_: object) -> Callable[[Sequence[Any]], MemberRow]:
    """For cursors: rows by name."""
    make: Callable[[Sequence[Any]], MemberRow] = MemberRow._make
    return make


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """An activity that the post has already."""

    id: UUID
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    kind: Kind
    lane: Lane
    state: State
    scheduled_for: datetime
    due_at: datetime
    text: str | None
    source_text: str | None
    """What it said before the voice."""
    reason_code: str
    reason: str
    parked: bool


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
    existing: list[Existing]


async def find(conn: Connection, *, client_id: UUID, post_id: UUID) -> Found:
    """Read it all in one journey to the server; which plan is the tenant's last is read first."""
    parameters = {"client_id": client_id, "post_id": post_id}
    async with conn.pipeline():
        last = await conn.execute(SQL.last_plan, {"client_id": client_id}, prepare=True)
        post = await conn.execute(SQL.find_post, parameters, prepare=True)
        pods = await conn.execute(SQL.pods_of_post, parameters, prepare=True)
        members = await conn.cursor(row_factory=_member_rows).execute(
            SQL.members_of_post, parameters, prepare=True, binary=True
        )
        there = await conn.execute(SQL.activities_of_post, parameters, prepare=True)
        limits = await rate_limits(conn)
    return Found(
        last_plan=_last(await last.fetchone()),
        post=_post(await post.fetchone()),
        policies={row["pod_id"]: row["policy"] for row in await pods.fetchall()},
        members=await all_rows(members),
        limits=limits,
        existing=await all_values(there, _existing),
    )


async def lock_and_look(conn: Connection, client_id: UUID) -> int:
    """Take the tenant's lock, and then look which plan is its last."""
    async with conn.pipeline():
        await lock_tenant(conn, client_id)
        last = await conn.execute(SQL.last_plan, {"client_id": client_id}, prepare=True)
    return _last(await last.fetchone())


def _last(row: Row | None) -> int:
    return int(row["id"]) if row else 0


async def anybody(conn: Connection, client_id: UUID) -> bool:
    """Whether the tenant has an active member in any pod."""
    cursor = await conn.execute(SQL.any_member, {"client_id": client_id})
    return await cursor.fetchone() is not None


def _post(row: Row | None) -> Post | None:
    if row is None:
        return None
    platform, texts = Platform(row["platform"]), tuple(row["comment_texts"] or ())
    return Post(**{**row, "platform": platform, "comment_texts": texts})


def _existing(row: Row) -> Existing:
    return Existing(
        id=row["id"],
        account_id=row["account_id"],
        member_id=row["member_id"],
        member_name=row["member_name"],
        kind=Kind(row["kind"]),
        lane=Lane(row["lane"]),
        state=State(row["state"]),
        scheduled_for=row["scheduled_for"],
        due_at=row["due_at"],
        text=row["draft_text"],
        source_text=row["source_text"],
        reason_code=row["reason_code"],
        reason=row["reason"],
        parked=row["parked_by"] is not None,
    )


async def existing(conn: Connection, *, client_id: UUID, post_id: UUID) -> list[Existing]:
    """The post's activities."""
    parameters = {"client_id": client_id, "post_id": post_id}
    rows = await (await conn.execute(SQL.activities_of_post, parameters)).fetchall()
    return [_existing(row) for row in rows]


async def publications_booked(
    conn: Connection, client_id: UUID, *, since: datetime
) -> list[Micros]:
    """When the tenant's publications are due after that instant, sorted."""
    parameters = {"client_id": client_id, "since": since}
    cursor = await conn.execute(SQL.publications_booked, parameters)
    return sorted(to_micros(row["due_at"]) for row in await cursor.fetchall())


async def taken(
    conn: Connection, accounts: Sequence[UUID], kinds: Sequence[Kind]
) -> dict[str, list[Micros]]:
    """Instants, by scope, that these accounts have used or that their open activities have.

    Not sorted.
    """
    parameters = {"accounts": as_array(accounts), "kinds": [str(kind) for kind in kinds]}
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(SQL.taken, parameters, prepare=True, binary=True)
    found: dict[str, list[Micros]] = {}
    for scope, instant in await all_rows(cursor):
        found.setdefault(scope, []).append(instant)
    return found
