"""Notices inside the product, as the notifier publishes them, and who has read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many, run

_SQL = load("chorus_gateway.store", "notifications.sql", parts="notification_parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One notice; `read_at` is when this person marked it as read."""

    id: UUID
    code: str
    severity: str
    sentence: str
    activity_id: UUID | None
    post_id: UUID | None
    account_id: UUID | None
    campaign_id: UUID | None
    user_id: UUID | None
    happened_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whose notices: all of the tenant, or those about accounts that this person owns (P7)."""

    client_id: UUID
    user_id: UUID
    everything: bool


async def listing(
    conn: Connection, recipient: Recipient, *, before: UUID | None, unread: bool, limit: int
) -> list[Notification]:
    """Newest first, older than `before`."""
    parameters = {
        "user_id": recipient.user_id,
        "everything": recipient.everything,
        "before": before,
        "unread": unread,
        "limit": limit,
    }
    return await many(conn, Notification, _SQL.listing, parameters)


async def mark_read(conn: Connection, recipient: Recipient, ids: Sequence[UUID]) -> bool:
    """Mark them all, or none and False where one of them is not there for this person."""
    wanted = sorted(set(ids))
    parameters = {
        "client_id": recipient.client_id,
        "user_id": recipient.user_id,
        "everything": recipient.everything,
        "ids": wanted,
    }
    row = await (await conn.execute(_SQL.visible, parameters)).fetchone()
    if row is None or row["n"] != len(wanted):
        return False
    await run(conn, _SQL.mark_read, parameters)
    return True
