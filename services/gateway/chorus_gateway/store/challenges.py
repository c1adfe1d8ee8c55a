"""Challenges that the scheduler does not know of yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many, run

_SQL = load("chorus_gateway.store", "challenges.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """`challenge` is what was said, in 3 to 500 characters."""

    account_id: UUID
    client_id: UUID
    challenged_at: datetime
    challenge: str


async def note(conn: Connection, account_id: UUID, *, at: datetime, said: str) -> None:
    """An account whose challenge is not told yet keeps that one."""
    await run(conn, _SQL.note, {"account_id": account_id, "at": at, "said": said})


async def untold(conn: Connection, *, limit: int) -> list[Untold]:
    """Of all tenants, the oldest first."""
    return await many(conn, Untold, _SQL.untold, {"limit": limit})


async def told(conn: Connection, account_id: UUID, *, at: datetime) -> None:
    """The scheduler has the account's pause, or had it before."""
    await run(conn, _SQL.told, {"account_id": account_id, "at": at})
