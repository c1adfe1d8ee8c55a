"""What the planner needs to know, and what it decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from chorus.documents import ActiveHoursDocument
from chorus.events import ActivityScheduled
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Lane, Platform
from chorus_scheduler.commands import SOURCE
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import Micros, to_datetime
from chorus_scheduler.domain.planner import Planned
from chorus_scheduler.domain.retries import max_attempts
from chorus_scheduler.store.rows import QUERIES, Row, as_json


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """What the rows of one plan have in common."""

    post: Post
    pod_id: UUID | None
    lane: dict[Kind, Lane]
    seed: int
    reaction: str
    approval_expires: timedelta
    actor: str
    correlation_id: str
    traceparent: str
    time: datetime
    priority: int = 5


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


async def members(
    conn: Connection, *, client_id: UUID, pod_id: UUID | None
) -> list[dict[str, Any]]:
    """Members of the pod, or of all pods of the tenant, with their accounts; oldest first."""
    parameters = {"client_id": client_id, "pod_id": pod_id}
    return list(await (await conn.execute(QUERIES.members_of_post, parameters)).fetchall())


async def pods(conn: Connection, client_id: UUID) -> dict[UUID, dict[str, Any]]:
    """The tenant's pods."""
    rows = await (await conn.execute(QUERIES.pods_of_client, {"client_id": client_id})).fetchall()
    return {row["pod_id"]: row for row in rows}


async def existing(conn: Connection, *, client_id: UUID, post_id: UUID) -> list[dict[str, Any]]:
    """The post's activities."""
    parameters = {"client_id": client_id, "post_id": post_id}
    return list(await (await conn.execute(QUERIES.activities_of_post, parameters)).fetchall())


async def booked(
    conn: Connection, accounts: Sequence[UUID], kinds: Sequence[Kind]
) -> dict[str, list[Micros]]:
    """Instants that open activities of these accounts have, by scope."""
    parameters = {"accounts": list(accounts), "kinds": [str(kind) for kind in kinds]}
    rows = await (await conn.execute(QUERIES.booked, parameters)).fetchall()
    return {row["scope"]: row["instants"] for row in rows}


def active_hours(document: object, zone: str) -> ActiveHours | None:
    """A member's active hours; None: any time."""
    if document is None:
        return None
    hours = ActiveHoursDocument.model_validate(document)
    return ActiveHours(
        zone=ZoneInfo(zone), opens=hours.opens, closes=hours.closes, days=frozenset(hours.days)
    )


async def store(conn: Connection, planned: Iterable[Planned], storing: Storing) -> int:
    """Insert activities with their decisions and `activity.scheduled`; what exists already stays as
    it is.

    Returns how many are new.
    """
    rows = [_row(entry, storing.lane[entry.kind]) for entry in planned]
    if not rows:
        return 0
    post = storing.post
    parameters = {
        "rows": as_json(rows),
        "client_id": post.client_id,
        "post_id": post.post_id,
        "pod_id": storing.pod_id,
        "platform": post.platform,
        "url": post.url,
        "social_id": post.social_id,
        "reaction": storing.reaction,
        "seed": storing.seed,
        "priority": storing.priority,
        "max_attempts": as_json([{str(kind): max_attempts(kind) for kind in Kind}])[1:-1],
        "approval_expires": storing.approval_expires,
        "correlation_id": storing.correlation_id,
        "traceparent": storing.traceparent,
        "headers": _headers(storing),
        "actor": storing.actor,
    }
    cursor = await conn.execute(QUERIES.store_plan, parameters)
    await conn.execute(QUERIES.announce)
    return cursor.rowcount


def _headers(storing: Storing) -> str:
    """The envelope of `activity.scheduled`, less what differs from row to row."""
    headers = {
        "ce_specversion": "1.0",
        "ce_source": SOURCE,
        "ce_type": ActivityScheduled.type,
        "ce_time": storing.time.isoformat(),
        "content-type": "application/json; charset=utf-8",
        "traceparent": storing.traceparent,
    }
    return orjson.dumps(list(headers.items())).decode()


def _row(entry: Planned, lane: Lane) -> Row:
    member, decision = entry.member, entry.decision
    limit = decision.limit
    return {
        "id": entry.id,
        "account_id": member.account_id,
        "member_id": member.member_id,
        "member_name": member.name,
        "provider_account_id": member.provider_account_id,
        "kind": entry.kind,
        "lane": lane,
        "state": entry.state,
        "code": decision.code,
        "reason": decision.sentence,
        "draft_text": entry.text,
        "cartridge_id": member.cartridge_id,
        "at": to_datetime(entry.at),
        "limit_name": limit.name if limit else None,
        "limit_value": limit.value if limit else None,
        "limit_used": limit.used if limit else None,
    }
