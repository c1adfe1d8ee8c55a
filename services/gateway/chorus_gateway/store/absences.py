"""Days on which nothing is done in somebody's name."""

from datetime import date
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.absences import Absence
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "absences.sql")


async def add(conn: Connection, absence: Absence) -> Absence:
    """Store it, in force at once. The account must be locked."""
    stored = await one(
        conn,
        Absence,
        _SQL.add,
        {
            "id": absence.id,
            "client_id": absence.client_id,
            "account_id": absence.account_id,
            "first_day": absence.first_day,
            "last_day": absence.last_day,
            "reason": absence.reason,
            "by_owner": absence.by_owner,
            "made_by": absence.made_by,
        },
    )
    if stored is None:
        raise LookupError(f"{absence.id} was stored, and is gone")
    return stored


async def of_account(
    conn: Connection, account_id: UUID, *, since: date, limit: int
) -> list[Absence]:
    """Those that end on that day or later, the first ones first."""
    parameters = {"account_id": account_id, "since": since, "limit": limit}
    return await many(conn, Absence, _SQL.of_account, parameters)


async def find(conn: Connection, absence_id: UUID, *, account_id: UUID) -> Absence | None:
    """One of the account's."""
    return await one(conn, Absence, _SQL.find, {"id": absence_id, "account_id": account_id})


async def shorten(conn: Connection, absence_id: UUID, last_day: date) -> None:
    """It ends earlier."""
    await run(conn, _SQL.shorten, {"id": absence_id, "last_day": last_day})


async def remove(conn: Connection, absence_id: UUID) -> None:
    """It never was."""
    await run(conn, _SQL.remove, {"id": absence_id})


async def remove_all(conn: Connection, account_id: UUID) -> None:
    """Of an account whose person is gone, or is another one."""
    await run(conn, _SQL.remove_all, {"account_id": account_id})
