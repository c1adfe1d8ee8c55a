"""Whom to ask about posts, how often, and whose account an author is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import one, run

_SQL = load("chorus_gateway.store", "lookups.sql")

WINDOW: Final = timedelta(hours=1)
MOST: Final = 60
"""Looks of an account in a window: far below what a person does who reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """An account through which posts are looked up."""

    id: UUID
    client_id: UUID
    provider_account_id: str


async def next_asker(
    conn: Connection, *, platform: str, pod_id: UUID | None, but: Sequence[UUID], now: datetime
) -> Asker | None:
    """An account to ask, with the look counted already; None where nobody may be asked now."""
    parameters = {
        "platform": platform,
        "pod_id": pod_id,
        "but": list(but),
        "now": now,
        "most": MOST,
        "window_ends": now + WINDOW,
    }
    asker = await one(conn, Asker, _SQL.asker, parameters)
    if asker is None:
        return None
    counted = {"client_id": asker.client_id, "account_id": asker.id}
    return asker if await run(conn, _SQL.take, parameters | counted) else None


async def exhaust(conn: Connection, account_id: UUID) -> None:
    """Do not ask this account again before its window ends."""
    await run(conn, _SQL.exhaust, {"account_id": account_id, "most": MOST})


async def account_of_profile(conn: Connection, platform: str, profile_id: str) -> UUID | None:
    """The team's account of a person of the network."""
    parameters = {"platform": platform, "profile_id": profile_id}
    cursor = await conn.execute(_SQL.account_of_profile, parameters)
    row = await cursor.fetchone()
    return row["id"] if row else None


async def profile_of_account(conn: Connection, account_id: UUID) -> str | None:
    """Whom the network knows an account as, where that is known."""
    cursor = await conn.execute(_SQL.profile_of_account, {"account_id": account_id})
    row = await cursor.fetchone()
    return row["profile_id"] if row else None
