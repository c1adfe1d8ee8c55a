"""What the scheduler and the executors publish of a tenant: activities, counters, pauses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chorus import texts
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.timeline import Attempt, Decision
from chorus_gateway.store.database import many, one

_SQL = load("chorus_gateway.store", "activities.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity as people see it; `state` is `executing` while an execution is open, and
    `suggested` while its account's person is to do it by hand.
    """

    id: UUID
    client_id: UUID
    post_id: UUID
    pod_id: UUID | None
    account_id: UUID
    member_id: UUID | None
    member_name: str | None
    platform: str
    kind: str
    lane: str
    state: str
    reason_code: str
    reason: str
    target_url: str | None
    draft_text: str | None
    final_text: str | None
    scheduled_for: datetime | None
    due_at: datetime | None
    priority: int
    attempt: int
    max_attempts: int
    execution: int
    dispatched_at: datetime | None
    executed_at: datetime | None
    failure_count: int
    last_error: dict[str, Any] | None
    next_retry_at: datetime | None
    result: dict[str, Any] | None
    result_url: str | None
    verified: bool
    paused_by: UUID | None
    held: bool
    """It stands still while its member takes no part."""
    needs_person: bool
    effect: str
    stopped_at: datetime | None
    stopped_by: str | None
    stop_reason: str | None
    approval: str
    approved_by: str | None
    approved_at: datetime | None
    approval_expires_at: datetime | None
    suggested: bool
    by_hand: bool
    correlation_id: str
    created_at: datetime
    updated_at: datetime
    post_author: str | None
    post_beginning: str | None
    """What the post that it is about says."""

    @property
    def text_sha256(self) -> str:
        """Names the words that it will say."""
        return texts.digest(self.draft_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which activities; None does not narrow."""

    states: list[str] | None = None
    kinds: list[str] | None = None
    pod_id: UUID | None = None
    post_id: UUID | None = None
    member_id: UUID | None = None
    account_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    needs_person: bool | None = None
    ids: list[UUID] | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stop that somebody, or a challenge, asked for."""

    id: UUID
    scope: str
    client_id: UUID | None
    scope_id: UUID | None
    code: str
    reason: str
    evidence: dict[str, Any] | None
    paused_by: str
    paused_at: datetime
    resumed_by: str | None
    resumed_at: datetime | None


Position = tuple[datetime, UUID]
"""Where a page ended: created_at and id of its last activity."""


_STORED_AS: Final = {"executing": "dispatched", "suggested": "awaiting_approval"}


async def listing(
    conn: Connection, filters: Filters, *, before: Position | None, limit: int
) -> list[Activity]:
    """Newest first, older than `before`."""
    parameters = {name: getattr(filters, name) for name in Filters.__slots__}
    at, last = before or (None, None)
    parameters |= {"before_at": at, "before_id": last, "limit": limit}
    # An index knows the stored states; which of them are shown as others is seen later.
    parameters["stored_states"] = filters.states and [
        _STORED_AS.get(state, state) for state in filters.states
    ]
    return await many(conn, Activity, _SQL.listing, parameters)


async def find(conn: Connection, activity_id: UUID) -> Activity | None:
    """One activity of the transaction's tenant."""
    found = await listing(conn, Filters(ids=[activity_id]), before=None, limit=1)
    return found[0] if found else None


async def decisions(conn: Connection, activity: Activity) -> list[Decision]:
    """Why it is as it is, in the order it was decided."""
    return await many(conn, Decision, _SQL.decisions, {"id": activity.id})


async def attempts(conn: Connection, activity: Activity) -> list[Attempt]:
    """Its executions, in order."""
    return await many(conn, Attempt, _SQL.attempts, {"id": activity.id})


async def counts(
    conn: Connection, *, pod_id: UUID | None, now: datetime
) -> dict[tuple[UUID | None, str], int]:
    """How many activities each member of a pod (or of the tenant) has in each state.

    A scheduled one whose time has come is counted as `due`.
    """
    cursor = await conn.execute(_SQL.counts, {"pod_id": pod_id, "now": now})
    return {(row["member_id"], row["state"]): row["n"] for row in await cursor.fetchall()}


async def pauses(conn: Connection, *, in_force: bool, limit: int) -> list[Pause]:
    """Pauses that hold for the transaction's tenant, newest first."""
    return await many(conn, Pause, _SQL.pauses, {"in_force": in_force, "limit": limit})


async def was_handed_over(conn: Connection, post_id: UUID, kind: str) -> bool:
    """Whether the ledger ever told an executor to do this about the post."""
    parameters = {"post_id": post_id, "kind": kind}
    cursor = await conn.execute(_SQL.was_handed_over, parameters)
    return await cursor.fetchone() is not None


async def all_pauses_of(conn: Connection, account_ids: list[UUID]) -> list[Pause]:
    """Every pause in force of these accounts themselves."""
    return await many(conn, Pause, _SQL.pauses_of_accounts, {"accounts": account_ids})


async def pauses_of_accounts(conn: Connection, account_ids: list[UUID]) -> dict[UUID, Pause]:
    """Of each account that has pauses of its own the weightiest: a challenge, else its owner's."""
    found = await all_pauses_of(conn, account_ids)
    return {pause.scope_id: pause for pause in found if pause.scope_id is not None}


async def find_pause(conn: Connection, pause_id: UUID) -> Pause | None:
    """One pause that holds, or held, for the transaction's tenant."""
    return await one(conn, Pause, _SQL.find_pause, {"id": pause_id})
