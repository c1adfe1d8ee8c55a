"""Transactions, and the tenant that each of them belongs to."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from chorus.postgres.pool import Connection, Pool

_SET_TENANT = "select set_config('chorus.client_id', %(client_id)s, true)"
_SET_READER = f"{_SET_TENANT}, set_config('transaction_read_only', 'on', true)"

NOT_YET = datetime.min.replace(tzinfo=UTC)
"""Stands in a record for an instant that the database will set."""

Row = TypeVar("Row")
Parameters = Mapping[str, Any]


class Database:
    """Hands out transactions. Row-level security shows each only its tenant's rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def tenant(self, client_id: UUID) -> AsyncIterator[Connection]:
        """A transaction of one tenant: committed at the end, rolled back on an exception."""
        async with self._pool.connection() as conn, conn.transaction():
            await conn.execute(_SET_TENANT, {"client_id": str(client_id)})
            yield conn

    @asynccontextmanager
    async def reading(self, client_id: UUID) -> AsyncIterator[Connection]:
        """The same, and the database refuses in it to write or to lock anything."""
        async with self._pool.connection() as conn, conn.transaction():
            await conn.execute(_SET_READER, {"client_id": str(client_id)})
            yield conn

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Connection]:
        """A transaction of no tenant: it sees no rows, and may call the functions of 0004."""
        async with self._pool.connection() as conn, conn.transaction():
            yield conn


async def one(
    conn: Connection, row: type[Row], query: LiteralString, parameters: Parameters
) -> Row | None:
    """The first row as a record, or None."""
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchone()


async def many(
    conn: Connection, row: type[Row], query: LiteralString, parameters: Parameters
) -> list[Row]:
    """All rows as records."""
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


async def run(conn: Connection, query: LiteralString, parameters: Parameters) -> int:
    """Execute, and tell how many rows it touched."""
    cursor = await conn.execute(query, parameters)
    return cursor.rowcount
