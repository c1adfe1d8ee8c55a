"""Pauses: a person, or the first challenge, stops everything, a tenant, a pod or an account."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus_scheduler.store.rows import QUERIES, as_json


async def start(
    conn: Connection,
    *,
    pause_id: UUID,
    scope: str,
    client_id: UUID | None,
    scope_id: UUID | None,
    code: str,
    reason: str,
    evidence: Mapping[str, Any] | None,
    actor: str,
) -> dict[str, Any] | None:
    """Store a pause; None where the same is in force already."""
    parameters = {
        "id": pause_id,
        "scope": scope,
        "client_id": client_id,
        "scope_id": scope_id,
        "code": code,
        "reason": reason,
        "evidence": None if evidence is None else as_json([evidence])[1:-1],
        "paused_by": actor,
    }
    return await (await conn.execute(QUERIES.pause, parameters)).fetchone()


async def challenges_met(conn: Connection, activities: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """The executions of these activities that paused their account before, in force or not."""
    cursor = await conn.execute(
        QUERIES.challenges_met, {"activities": [str(a) for a in activities]}
    )
    return {(UUID(row["activity_id"]), row["execution"]) for row in await cursor.fetchall()}


async def end(
    conn: Connection, *, pause_id: UUID, client_id: UUID | None, actor: str, now: datetime
) -> dict[str, Any] | None:
    """End a pause; None where there is none of this tenant in force."""
    parameters = {"id": pause_id, "client_id": client_id, "actor": actor, "now": now}
    return await (await conn.execute(QUERIES.resume, parameters)).fetchone()


async def exists(conn: Connection, *, pause_id: UUID, client_id: UUID | None) -> bool:
    """Whether the tenant has such a pause, in force or not."""
    parameters = {"id": pause_id, "client_id": client_id}
    return await (await conn.execute(QUERIES.find_pause, parameters)).fetchone() is not None
