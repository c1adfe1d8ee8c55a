"""Pods, and the voices that pods and members speak with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import NOT_YET, many, one, run

_SQL = load("chorus_gateway.store", "pods.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A group of members and the policy by which they amplify."""

    id: UUID
    client_id: UUID
    name: str
    active: bool
    policy: dict[str, Any]
    cartridge_id: UUID | None
    members: int = 0
    created_at: datetime = NOT_YET
    updated_at: datetime = NOT_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class Cartridge:
    """A voice. Each change of its definition is a new version."""

    id: UUID
    client_id: UUID
    name: str
    version: int = 1
    definition: dict[str, Any]
    created_at: datetime = NOT_YET
    updated_at: datetime = NOT_YET


def _pod(pod: Pod) -> dict[str, Any]:
    return {
        "id": pod.id,
        "client_id": pod.client_id,
        "name": pod.name,
        "active": pod.active,
        "policy": Jsonb(pod.policy),
        "cartridge_id": pod.cartridge_id,
    }


async def add(conn: Connection, pod: Pod) -> Pod | None:
    """A new pod; None when the name is taken."""
    return await one(conn, Pod, _SQL.add, _pod(pod))


async def find(conn: Connection, pod_id: UUID) -> Pod | None:
    """A pod of the transaction's tenant."""
    return await one(conn, Pod, _SQL.find, {"id": pod_id})


async def lock(conn: Connection, pod_id: UUID) -> Pod | None:
    """The same, locked until the end of the transaction."""
    await run(conn, _SQL.lock, {"id": pod_id})
    return await find(conn, pod_id)


async def listing(conn: Connection, *, before: UUID | None, limit: int) -> list[Pod]:
    """Newest first, older than the pod `before`."""
    return await many(conn, Pod, _SQL.listing, {"before": before, "limit": limit})


async def save(conn: Connection, pod: Pod) -> Pod | None:
    """Store name, activity, policy and voice. Raises UniqueViolation when the name is taken."""
    return await one(conn, Pod, _SQL.save, _pod(pod))


async def remove(conn: Connection, pod_id: UUID) -> bool:
    """Remove the pod and its members; its posts and their activities stay in the record."""
    await run(conn, _SQL.remove_members, {"id": pod_id})
    return await run(conn, _SQL.remove, {"id": pod_id}) > 0


def _cartridge(cartridge: Cartridge) -> dict[str, Any]:
    return {
        "id": cartridge.id,
        "client_id": cartridge.client_id,
        "name": cartridge.name,
        "definition": Jsonb(cartridge.definition),
    }


async def add_cartridge(conn: Connection, cartridge: Cartridge) -> Cartridge | None:
    """A new voice; None when the name is taken."""
    return await one(conn, Cartridge, _SQL.add_cartridge, _cartridge(cartridge))


async def find_cartridge(conn: Connection, cartridge_id: UUID) -> Cartridge | None:
    """A voice of the transaction's tenant."""
    return await one(conn, Cartridge, _SQL.find_cartridge, {"id": cartridge_id})


async def cartridges(conn: Connection, *, before: UUID | None, limit: int) -> list[Cartridge]:
    """Newest first, older than the voice `before`."""
    return await many(conn, Cartridge, _SQL.cartridges, {"before": before, "limit": limit})


async def save_cartridge(conn: Connection, cartridge: Cartridge) -> Cartridge | None:
    """Store name and definition; a changed definition raises the version.

    Raises UniqueViolation when the name is taken.
    """
    return await one(conn, Cartridge, _SQL.save_cartridge, _cartridge(cartridge))


async def remove_cartridge(conn: Connection, cartridge_id: UUID) -> bool:
    """Remove a voice. Raises ForeignKeyViolation while a pod or member speaks with it."""
    return await run(conn, _SQL.remove_cartridge, {"id": cartridge_id}) > 0
