"""The audit log: who changed what, when, and from where. Append-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.telemetry import tracing
from chorus_gateway.store.database import many, run

_SQL = load("chorus_gateway.store", "audit.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change."""

    id: int
    at: datetime
    actor: str
    actor_id: UUID | None
    action: str
    subject_id: UUID | None
    detail: dict[str, Any]
    address: str | None
    trace_id: str | None


async def add(
    conn: Connection,
    *,
    client_id: UUID,
    actor: str,
    action: str,
    subject_id: UUID | None,
    actor_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> None:
    """Record a change, with the trace that it is part of, in the transaction that makes it.
    `detail` must hold no secret.
    """
    parameters = {
        "client_id": client_id,
        "actor": actor,
        "actor_id": actor_id,
        "action": action,
        "subject_id": subject_id,
        "detail": Jsonb(dict(detail or {})),
        "address": address,
        "trace_id": tracing.trace_id(tracing.current.get()),
    }
    await run(conn, _SQL.add, parameters)


async def listing(
    conn: Connection, *, before: int | None, limit: int, subject_id: UUID | None
) -> list[AuditEntry]:
    """Newest first, older than the entry `before`."""
    parameters = {"before": before, "limit": limit, "subject_id": subject_id}
    return await many(conn, AuditEntry, _SQL.listing, parameters)
