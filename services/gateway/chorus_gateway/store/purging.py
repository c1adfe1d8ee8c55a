"""What is past its time, of all tenants, removed a batch at a time."""

from typing import Final

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load

_SQL = load("chorus_gateway.store", "purging.sql")

PURGED: Final = (
    "idempotency_keys",
    "refresh_tokens",
    "sign_in_attempts",
    "known_places",
    "page_sessions",
    "invitations",
    "absences",
)
"""The tables that have an end; docs/operations.md says why others have none."""


async def purge(conn: Connection, what: str, *, most: int) -> int:
    """Remove up to `most` rows of one table; answers how many went."""
    row = await (await conn.execute(_SQL.purge, {"what": what, "most": most})).fetchone()
    return int(row["gone"]) if row else 0
