"""Posts whose event, or whose end, nobody heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Platform
from chorus_scheduler.domain.activity import Order, Report
from chorus_scheduler.store.activities import order_of, report_of
from chorus_scheduler.store.rows import Row

SQL = load("chorus_scheduler.store", "reconciling.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedSearch:
    """Which posts are looked for: so old that the event should have come, and not those."""

    before: datetime
    not_now: Sequence[UUID]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A post that was missed."""

    post_id: UUID
    client_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Unqueued(Missed):
    """A queued post without its `publish` activity."""

    pod_id: UUID | None
    author_account_id: UUID
    platform: Platform
    text: str
    scheduled_for: datetime | None
    """None: as soon as may be."""
    priority: int
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold(Missed):
    """A post whose publication has ended, which the gateway has not heard of."""

    end: Report
    order: Order
    """Sent again, it makes the executor say again what came of it."""


async def unplanned(conn: Connection, search: MissedSearch, *, since: datetime) -> list[Missed]:
    """Posts published since then that nobody planned; the oldest first."""
    return [Missed(**row) for row in await _read(conn, SQL.unplanned_posts, search, since=since)]


async def unqueued(conn: Connection, search: MissedSearch) -> list[Unqueued]:
    """Queued posts without their activity, in the order of their times."""
    rows = await _read(conn, SQL.unqueued_posts, search)
    return [Unqueued(**{**row, "platform": Platform(row["platform"])}) for row in rows]


async def untold(conn: Connection, search: MissedSearch, *, since: datetime) -> list[Untold]:
    """Posts whose publication has ended since then, still queued for the gateway."""
    rows = await _read(conn, SQL.untold_posts, search, since=since)
    return [
        Untold(
            post_id=row["post_id"],
            client_id=row["client_id"],
            end=report_of(row),
            order=order_of(row),
        )
        for row in rows
    ]


async def _read(conn: Connection, query: str, search: MissedSearch, **more: Any) -> Sequence[Row]:
    parameters = {
        "before": search.before,
        "not_now": list(search.not_now),
        "limit": search.limit,
        **more,
    }
    return await (await conn.execute(query, parameters)).fetchall()
