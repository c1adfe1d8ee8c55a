"""Refresh tokens and API keys: digests only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.tokens import RefreshToken
from chorus_gateway.store import users
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "sessions.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret."""

    id: UUID
    client_id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Which tenant a secret belongs to."""

    id: UUID
    client_id: UUID


async def find_refresh_token(conn: Connection, digest: bytes) -> Found | None:
    """The tenant of a refresh token."""
    return await one(conn, Found, _SQL.find_refresh_token, {"digest": digest})


async def find_api_key(conn: Connection, digest: bytes) -> Found | None:
    """The tenant of an API key."""
    return await one(conn, Found, _SQL.find_api_key, {"digest": digest})


async def add_refresh_token(conn: Connection, token: RefreshToken, digest: bytes) -> None:
    """Store a new token's digest."""
    parameters = {
        "id": token.id,
        "client_id": token.client_id,
        "user_id": token.user_id,
        "family_id": token.family_id,
        "expires_at": token.expires_at,
        "digest": digest,
    }
    await run(conn, _SQL.add_refresh_token, parameters)


async def lock_refresh_token(conn: Connection, token_id: UUID) -> RefreshToken | None:
    """The token and its person, held: of two exchanges at once one sees the other's use, and who
    ends the person's sessions ends what an exchange made.
    """
    await run(conn, _SQL.hold_by_refresh_token, {"id": token_id})
    return await one(conn, RefreshToken, _SQL.lock_refresh_token, {"id": token_id})


async def use_refresh_token(conn: Connection, token_id: UUID, now: datetime) -> None:
    """It has been exchanged."""
    await run(conn, _SQL.use_refresh_token, {"id": token_id, "now": now})


async def revoke_family(conn: Connection, family_id: UUID, now: datetime) -> int:
    """End all tokens that came from one sign-in. Its person is held: none is being made of them."""
    return await run(conn, _SQL.revoke_family, {"family_id": family_id, "now": now})


async def revoke_user(
    conn: Connection, user_id: UUID, now: datetime, *, but: UUID | None = None
) -> int:
    """End all tokens, keys and pages of a person, `but` one session of our pages.

    What is being made of one of them is waited for, and ends too.
    """
    await users.hold(conn, user_id)
    await run(conn, _SQL.end_pages_of, {"user_id": user_id, "but": but, "now": now})
    await run(conn, _SQL.revoke_keys_of, {"user_id": user_id, "now": now})
    return await run(conn, _SQL.revoke_tokens_of, {"user_id": user_id, "now": now})


async def add_api_key(
    conn: Connection,
    *,
    key_id: UUID,
    client_id: UUID,
    user_id: UUID,
    name: str,
    prefix: str,
    digest: bytes,
    scopes: Sequence[str],
    expires_at: datetime | None,
) -> ApiKey | None:
    """Store a new key's digest."""
    parameters = {
        "id": key_id,
        "client_id": client_id,
        "user_id": user_id,
        "name": name,
        "prefix": prefix,
        "digest": digest,
        "scopes": list(scopes),
        "expires_at": expires_at,
    }
    return await one(conn, ApiKey, _SQL.add_api_key, parameters)


async def use_api_key(conn: Connection, key_id: UUID, now: datetime) -> ApiKey | None:
    """The key if it is in force; notes the use, at most once a minute."""
    await run(conn, _SQL.touch_api_key, {"id": key_id, "now": now})
    return await one(conn, ApiKey, _SQL.live_api_key, {"id": key_id, "now": now})


async def find_key_in_force(conn: Connection, key_id: UUID, now: datetime) -> ApiKey | None:
    """The same, and no use of it."""
    return await one(conn, ApiKey, _SQL.live_api_key, {"id": key_id, "now": now})


async def api_keys(conn: Connection) -> list[ApiKey]:
    """All keys of the transaction's tenant, newest first (at most 1000)."""
    return await many(conn, ApiKey, _SQL.api_keys, {})


async def revoke_api_key(conn: Connection, key_id: UUID, now: datetime) -> ApiKey | None:
    """End a key; None where there is none."""
    return await one(conn, ApiKey, _SQL.revoke_api_key, {"id": key_id, "now": now})


async def alive(conn: Connection, family_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Whether the session that began with this family goes on."""
    parameters = {"family_id": family_id, "user_id": user_id, "now": now}
    row = await (await conn.execute(_SQL.alive, parameters)).fetchone()
    return bool(row and row["alive"])
