"""Pauses: a person, or the first challenge, stops everything, a tenant, a pod or an account."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_scheduler.domain.handover import Pause
from chorus_scheduler.domain.pauses import AccountPause, Paused, Resumed
from chorus_scheduler.store.decisions import SYSTEM
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "pauses.sql")


async def in_force(conn: Connection) -> list[Pause]:
    """Every pause in force."""
    cursor = await conn.execute(SQL.pauses_in_force)
    return [Pause(**row) for row in await cursor.fetchall()]


async def start(
    conn: Connection,
    *,
    pause_id: UUID,
    scope: str,
    client_id: UUID | None,
    scope_id: UUID | None,
    reason: str,
    actor: str,
    own: bool,
) -> Paused | None:
    """Store a person's pause; None where the same is in force already.

    own: it is the account's owner who stops it, beside whatever others have stopped.
    """
    row = await _start(
        conn,
        id=pause_id,
        scope=scope,
        client_id=client_id,
        scope_id=scope_id,
        code="paused_by_owner" if own else "paused_by_person",
        reason=reason,
        evidence=None,
        paused_by=actor,
    )
    return None if row is None else Paused(**row)


async def start_challenged(
    conn: Connection,
    *,
    pause_id: UUID,
    client_id: UUID,
    account_id: UUID,
    reason: str,
    evidence: Mapping[str, Any],
) -> AccountPause | None:
    """Store the pause of an account that met a challenge; None where it is in force already, or
    this one began before.
    """
    row = await _start(
        conn,
        id=pause_id,
        scope="account",
        client_id=client_id,
        scope_id=account_id,
        code="challenge",
        reason=reason,
        evidence=as_json([evidence])[1:-1],
        paused_by=SYSTEM,
    )
    if row is None:
        return None
    return AccountPause(
        id=row["id"],
        client_id=client_id,
        account_id=account_id,
        reason=row["reason"],
        paused_at=row["paused_at"],
    )


async def _start(conn: Connection, **values: object) -> Row | None:
    return await (await conn.execute(SQL.pause, values)).fetchone()


async def challenges_met(conn: Connection, activities: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """The executions of these activities that paused their account before, in force or not."""
    cursor = await conn.execute(SQL.challenges_met, {"activities": [str(a) for a in activities]})
    return {(UUID(row["activity_id"]), row["execution"]) for row in await cursor.fetchall()}


async def end(
    conn: Connection, *, pause_id: UUID, client_id: UUID | None, actor: str, now: datetime
) -> Resumed | None:
    """End a pause; None where there is none of this tenant in force."""
    parameters = {"id": pause_id, "client_id": client_id, "actor": actor, "now": now}
    row = await (await conn.execute(SQL.resume, parameters)).fetchone()
    return None if row is None else Resumed(**row)


async def exists(conn: Connection, *, pause_id: UUID, client_id: UUID | None) -> bool:
    """Whether the tenant has such a pause, in force or not."""
    parameters = {"id": pause_id, "client_id": client_id}
    return await (await conn.execute(SQL.find_pause, parameters)).fetchone() is not None
