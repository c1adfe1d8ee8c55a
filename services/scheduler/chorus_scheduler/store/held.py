"""What is held while its member takes no part: parked by the member, as other work by a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Platform, State
from chorus_scheduler.domain.activity import Identity, Report
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.store.activities import reports_of
from chorus_scheduler.store.parked import Back
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "held.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Identity):
    """What goes on, as its member takes part again, or ends, as its window has ended."""

    pod_id: UUID | None
    platform: Platform
    state: State
    due_at: datetime
    window_ends: datetime
    unheard: frozenset[int]
    traceparent: str | None

    def report(self, state: State, why: Decision) -> Report:
        """What is told of it afterwards."""
        return Report(
            id=self.id,
            client_id=self.client_id,
            post_id=self.post_id,
            account_id=self.account_id,
            kind=self.kind,
            state=state,
            reason=why.sentence,
            unheard=self.unheard,
            correlation_id=self.correlation_id,
            traceparent=self.traceparent,
        )


async def hold(
    conn: Connection, entries: Sequence[tuple[UUID, Decision]], *, now: datetime
) -> dict[UUID, Report]:
    """Hold activities that are not handed over, for these reasons; those that are held by it."""
    rows = [{"id": each, "code": why.code, "reason": why.sentence} for each, why in entries]
    if not rows:
        return {}
    parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
    cursor = await conn.execute(SQL.hold, parameters)
    return {report.id: report for report in reports_of(await cursor.fetchall())}


async def tenants(conn: Connection, *, now: datetime, patience: timedelta) -> list[UUID]:
    """Whose held activities are to go on, or to end."""
    cursor = await conn.execute(SQL.tenants_with_held, {"now": now, "patience": patience})
    return [row["client_id"] for row in await cursor.fetchall()]


async def claim(
    conn: Connection, client_id: UUID, *, now: datetime, patience: timedelta, limit: int
) -> list[Held]:
    """Lock the first of a tenant's that go on or end."""
    asked = {"client_id": client_id, "now": now, "patience": patience, "limit": limit}
    return [_held(row) for row in await (await conn.execute(SQL.claim_held, asked)).fetchall()]


async def let_go(conn: Connection, entries: Sequence[Back], *, now: datetime) -> None:
    """Held no more."""
    rows = [
        {
            "id": each.id,
            "state": each.state,
            "due_at": each.due_at,
            "code": each.why.code,
            "reason": each.why.sentence,
        }
        for each in entries
    ]
    if rows:
        parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
        await conn.execute(SQL.let_go, parameters)


def _held(row: Row) -> Held:
    return Held(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        due_at=row["due_at"],
        window_ends=row["window_ends"],
        unheard=frozenset(row["unheard"]),
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )
