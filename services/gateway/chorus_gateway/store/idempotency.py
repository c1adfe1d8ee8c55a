"""Idempotency keys: what a request with a key was answered, for 24 hours."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import one, run

_SQL = load("chorus_gateway.store", "idempotency.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOfRequest:
    """A key, with the tenant, person or API key, and route that it counts for; and a digest."""

    client_id: UUID
    actor: str
    route: str
    key: str
    request_hash: bytes

    @property
    def _scope(self) -> dict[str, object]:
        return {
            "client_id": self.client_id,
            "actor": self.actor,
            "route": self.route,
            "key": self.key,
        }

    @property
    def parameters(self) -> dict[str, object]:
        """For the queries."""
        return {**self._scope, "request_hash": self.request_hash}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A key's row. `status` None: its request has not ended, or died before `lease_until`."""

    request_hash: bytes
    lease_until: datetime | None
    status: int | None
    body: str | None


async def try_lock(conn: Connection, key: KeyOfRequest) -> bool:
    """Hold the key until the end of the transaction; False when another request holds it."""
    cursor = await conn.execute(_SQL.try_lock, key.parameters)
    row = await cursor.fetchone()
    return bool(row and row["locked"])


async def find(conn: Connection, key: KeyOfRequest) -> Stored | None:
    """What is known of the key, unless it is too old to count."""
    await run(conn, _SQL.forget_old, key.parameters)
    return await one(conn, Stored, _SQL.find, key.parameters)


async def reserve(conn: Connection, key: KeyOfRequest, lease_until: datetime) -> None:
    """Mark the key as being worked on, for effects that no transaction of ours can hold."""
    await run(conn, _SQL.reserve, {**key.parameters, "lease_until": lease_until})


async def finish(conn: Connection, key: KeyOfRequest, *, status: int, body: str) -> None:
    """Store the answer."""
    await run(conn, _SQL.finish, {**key.parameters, "status": status, "body": body})


async def release(conn: Connection, key: KeyOfRequest) -> None:
    """Forget a reservation whose request failed: it may be sent again."""
    await run(conn, _SQL.release, key.parameters)


async def forget(conn: Connection, key: KeyOfRequest) -> None:
    """Forget an answer: the request may be sent again."""
    await run(conn, _SQL.forget, key.parameters)
