"""What an export reads beside what lists read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "exports.sql")
MOST = 20_000
"""Decisions that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """A decision with what it is about."""

    id: int
    activity_id: UUID
    post_id: UUID | None
    account_id: UUID | None
    kind: str | None
    code: str
    sentence: str
    limit_name: str | None
    limit_value: int | None
    limit_used: int | None
    next_possible_at: datetime | None
    actor: str
    correlation_id: str | None
    at: datetime


async def decisions_of(conn: Connection, activities: Sequence[UUID]) -> list[DecisionRow]:
    """All decisions of these activities, each activity's in their order; `MOST` of them."""
    parameters = {"ids": list(activities), "limit": MOST}
    return await many(conn, DecisionRow, _SQL.decisions_of, parameters)
