"""Activities that wait for their account's person, by that person's own word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import ApprovalMode
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.approval_modes import APPROVAL_LIFE
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.store.activities import activity_of
from chorus_scheduler.store.rows import as_json

SQL = load("chorus_scheduler.store", "mode_enforcement.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFollowing:
    """An activity for which more is left to Chorus than its owner wants now."""

    id: UUID
    mode: ApprovalMode
    owner_agreed: bool


async def not_following(
    conn: Connection, accounts: Sequence[UUID], *, limit: int
) -> list[NotFollowing]:
    """Of these accounts, locked until the end of the transaction."""
    asked = {"accounts": list(accounts), "limit": limit}
    cursor = await conn.execute(SQL.not_following, asked)
    return [
        NotFollowing(id=row["id"], mode=ApprovalMode(row["mode"]), owner_agreed=row["owner_agreed"])
        for row in await cursor.fetchall()
    ]


async def save(
    conn: Connection, left: Sequence[tuple[UUID, Decision]], *, now: datetime
) -> list[Activity]:
    """They wait from now on, as suggestions or for their owner's yes. Returns those that do."""
    if not left:
        return []
    rows = [
        {
            "id": id_,
            "suggested": why.code == reasons.SUGGESTED.code,
            "code": why.code,
            "reason": why.sentence,
        }
        for id_, why in left
    ]
    parameters = {"rows": as_json(rows), "now": now, "life": APPROVAL_LIFE}
    parameters["ids"] = [id_ for id_, _ in left]
    cursor = await conn.execute(SQL.hold_for_owner, parameters)
    return [activity_of(row) for row in await cursor.fetchall()]


async def acted_elsewhere(conn: Connection, activity: Activity) -> bool:
    """Whether the account did, or may be doing, the same to the same target by another activity.

    Ask it under the account's gate.
    """
    row = await (await conn.execute(SQL.acted_elsewhere, {"id": activity.id})).fetchone()
    return row is not None
