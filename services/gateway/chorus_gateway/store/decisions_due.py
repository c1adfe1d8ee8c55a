"""What waits for a person: the inbox of yes and no, and the manual queue (P7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store import activities
from chorus_gateway.store.activities import Activity, Filters
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "decisions_due.sql")

Position = tuple[datetime, UUID]
"""Where a page ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Which activity, and what decides who may say what of it."""

    id: UUID
    suggested: bool
    owner_user_id: UUID
    mode: str | None
    """What its account's owner wants of this kind; None: they said nothing."""
    at: datetime
    """By which the list is sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which of them; None does not narrow. `owner`: of the accounts of this person."""

    owner: UUID | None = None
    suggested: bool | None = None
    states: Sequence[str] | None = None
    classes: Sequence[str] | None = None
    given_up: bool = False
    kinds: Sequence[str] | None = None
    pod_id: UUID | None = None
    post_id: UUID | None = None
    account_id: UUID | None = None


async def inbox(
    conn: Connection, narrowing: Narrowing, *, after: Position | None, limit: int
) -> list[Due]:
    """What waits for a yes, or for its person's hands; what ends first comes first."""
    return await many(conn, Due, _SQL.inbox, _parameters(narrowing, after, limit))


async def manual_queue(
    conn: Connection, narrowing: Narrowing, *, after: Position | None, limit: int
) -> list[Due]:
    """What failed for good, and what nobody could tell; what has waited longest comes first."""
    return await many(conn, Due, _SQL.manual_queue, _parameters(narrowing, after, limit))


async def activities_of(conn: Connection, due: Sequence[Due]) -> list[tuple[Due, Activity]]:
    """Each with its activity, in the same order; what is gone meanwhile is left out."""
    if not due:
        return []
    filters = Filters(ids=[each.id for each in due])
    found = await activities.listing(conn, filters, before=None, limit=len(due))
    by_id = {each.id: each for each in found}
    return [(each, by_id[each.id]) for each in due if each.id in by_id]


def _parameters(narrowing: Narrowing, after: Position | None, limit: int) -> dict[str, object]:
    at, last = after or (None, None)
    fields = {name: getattr(narrowing, name) for name in Narrowing.__slots__}
    return fields | {"after_at": at, "after_id": last, "limit": limit}
