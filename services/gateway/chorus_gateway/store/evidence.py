"""Screenshots of failures, as the executors publish them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "evidence.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a page showed when an execution failed; the image is read by itself."""

    id: UUID
    activity_id: UUID
    execution: int
    taken_at: datetime
    state: str
    page_path: str
    title: str
    content_type: str
    size: int


async def of_activity(conn: Connection, activity_id: UUID) -> list[Evidence]:
    """All that is still kept of an activity, oldest first."""
    return (await of_activities(conn, [activity_id])).get(activity_id, [])


async def of_activities(
    conn: Connection, activity_ids: Sequence[UUID]
) -> dict[UUID, list[Evidence]]:
    """The same of many."""
    found: dict[UUID, list[Evidence]] = {}
    for shot in await many(
        conn, Evidence, _SQL.of_activities, {"activity_ids": list(activity_ids)}
    ):
        found.setdefault(shot.activity_id, []).append(shot)
    return found


async def image(conn: Connection, *, activity_id: UUID, evidence_id: UUID) -> bytes | None:
    """The JPEG, or None where there is none, or none any more."""
    parameters = {"activity_id": activity_id, "id": evidence_id}
    row = await (await conn.execute(_SQL.image, parameters)).fetchone()
    return None if row is None else bytes(row["image"])
