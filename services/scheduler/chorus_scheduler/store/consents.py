"""What is planned and has no consent in force, or a member who takes no part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind
from chorus_scheduler.domain.activity import Report
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.participation import Participation
from chorus_scheduler.store.accounts import participation_of
from chorus_scheduler.store.activities import reports_of
from chorus_scheduler.store.rows import Row

SQL = load("chorus_scheduler.store", "consents.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unagreed:
    """An activity that shall not happen, now or ever, and what tells why.

    participation None: its member was removed.
    """

    id: UUID
    kind: Kind
    consented: bool
    participation: Participation | None


async def unagreed_of_account(
    conn: Connection, *, client_id: UUID, account_id: UUID, limit: int
) -> list[Unagreed]:
    """Of one account."""
    asked = {"account_id": account_id, "client_id": client_id, "limit": limit}
    cursor = await conn.execute(SQL.unagreed_of_account, asked)
    return [_unagreed(row) for row in await cursor.fetchall()]


async def unagreed_of_accounts(
    conn: Connection, accounts: Sequence[UUID], *, limit: int
) -> list[Unagreed]:
    """Of many accounts, of any tenants."""
    asked = {"accounts": list(accounts), "limit": limit}
    cursor = await conn.execute(SQL.unagreed_of_accounts, asked)
    return [_unagreed(row) for row in await cursor.fetchall()]


async def accounts_with_open(conn: Connection, *, after: UUID, limit: int) -> list[UUID]:
    """The next accounts, in the order of their ids, that have something planned."""
    cursor = await conn.execute(SQL.accounts_with_open, {"after": after, "limit": limit})
    return [row["account_id"] for row in await cursor.fetchall()]


async def cancel(
    conn: Connection, ids: Sequence[UUID], why: Decision, *, actor: str, now: datetime
) -> list[Report]:
    """Cancel those that are not handed over; what was handed over meanwhile is left alone."""
    change = {
        "ids": list(ids),
        "code": why.code,
        "reason": why.sentence,
        "now": now,
        "actor": actor,
    }
    return reports_of(await (await conn.execute(SQL.cancel_unstarted, change)).fetchall())


def _unagreed(row: Row) -> Unagreed:
    return Unagreed(
        id=row["id"],
        kind=Kind(row["kind"]),
        consented=row["consented"],
        participation=participation_of(row) if row["member_id"] else None,
    )
