"""Tenants."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import one, run

_SQL = load("chorus_gateway.store", "clients.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A tenant and how much of its plan is used."""

    id: UUID
    name: str
    tier: str
    feature_flags: dict[str, Any]
    accounts: dict[str, int]
    """Connected accounts by platform."""
    created_at: datetime


async def add(conn: Connection, *, client_id: UUID, name: str, tier: str) -> None:
    """A new tenant; the transaction must be its own."""
    await run(conn, _SQL.add, {"id": client_id, "name": name, "tier": tier})


async def find(conn: Connection, client_id: UUID) -> Client | None:
    """The transaction's tenant."""
    return await one(conn, Client, _SQL.find, {"id": client_id})


async def change_tier(conn: Connection, client_id: UUID, tier: str) -> None:
    """The tenant must be locked, and what it has connected counted."""
    await run(conn, _SQL.change_tier, {"id": client_id, "tier": tier})


async def lock(conn: Connection, client_id: UUID) -> None:
    """Make changes that depend on a count of the tenant's rows wait for each other."""
    await run(conn, _SQL.lock, {"id": client_id})
