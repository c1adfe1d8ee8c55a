"""Watches, as the scheduler publishes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many, one

_SQL = load("chorus_gateway.store", "watches.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Something that an account of the tenant looks at again and again."""

    id: UUID
    client_id: UUID
    kind: str
    subject: str
    account_id: UUID
    every_seconds: int
    began_at: datetime
    ended_at: datetime | None
    next_at: datetime
    execution: int
    unheard: bool
    errors: int
    failing: bool
    looks: int
    found: int
    failures: int
    looked_at: datetime | None
    last_error: dict[str, Any] | None
    last_error_at: datetime | None
    reason_code: str
    reason: str


async def listing(
    conn: Connection, *, account_id: UUID | None, live: bool, before: UUID | None, limit: int
) -> list[Watch]:
    """Newest first, older than the watch `before`."""
    parameters = {"account_id": account_id, "live": live, "before": before, "limit": limit}
    return await many(conn, Watch, _SQL.listing, parameters)


async def find(conn: Connection, watch_id: UUID) -> Watch | None:
    """One watch of the transaction's tenant."""
    return await one(conn, Watch, _SQL.find, {"id": watch_id})
