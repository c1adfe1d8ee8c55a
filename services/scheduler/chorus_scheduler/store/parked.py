"""Parked activities: what ended pauses have to give back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Platform, State
from chorus_scheduler.domain.activity import Identity, Report
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "parked.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPause:
    """A pause that has ended and still has something parked."""

    id: UUID
    late_from: datetime | None
    """When the first was due of what it had parked when it ended."""
    goes_on_at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked(Identity):
    """What stands still in a pause."""

    pod_id: UUID | None
    platform: Platform
    due_at: datetime
    parked_at: datetime
    """Since when it stands still."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What is made of something parked. `due_at` None: as it is."""

    id: UUID
    state: State
    why: Decision
    due_at: datetime | None = None


async def ended_pauses(conn: Connection, pause: UUID | None = None) -> list[EndedPause]:
    """The ended pauses that still have something parked: all, or one."""
    cursor = await conn.execute(SQL.ended_pauses_with_parked, {"pause": pause})
    return [EndedPause(**row) for row in await cursor.fetchall()]


async def left(conn: Connection, pause: UUID) -> int:
    """How many are still parked by a pause."""
    row = await (await conn.execute(SQL.parked_left, {"pause": pause})).fetchone()
    return int(row["n"]) if row else 0


async def tenant_of(conn: Connection, pause: UUID) -> UUID | None:
    """Whose the first is that a pause has parked."""
    row = await (await conn.execute(SQL.tenant_with_parked, {"pause": pause})).fetchone()
    return row["client_id"] if row else None


async def claim(conn: Connection, pause: UUID, client_id: UUID, limit: int) -> list[Parked]:
    """Lock the first that a pause has parked of a tenant."""
    parameters = {"pause": pause, "client_id": client_id, "limit": limit}
    rows = await (await conn.execute(SQL.claim_parked, parameters)).fetchall()
    return [_parked(row) for row in rows]


async def bring_back(conn: Connection, entries: Sequence[Back], *, now: datetime) -> None:
    """Parked no more."""
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
    parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
    await conn.execute(SQL.bring_back, parameters)


def _parked(row: Row) -> Parked:
    return Parked(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
        due_at=row["due_at"],
        parked_at=row["parked_at"],
        unheard=frozenset(row["unheard"]),
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )
