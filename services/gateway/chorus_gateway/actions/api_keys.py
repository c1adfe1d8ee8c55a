"""API keys: made and revoked."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Scope
from chorus_gateway.identity import secrets
from chorus_gateway.problems import Problem
from chorus_gateway.store import sessions
from chorus_gateway.store.sessions import ApiKey


async def make(
    conn: Connection,
    caller: Caller,
    *,
    name: str,
    secret: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None,
) -> ApiKey:
    """A key that acts for the caller; of the secret its digest is kept, and its beginning shown."""
    key = await sessions.add_api_key(
        conn,
        key_id=new_id(),
        client_id=caller.principal.client_id,
        user_id=caller.principal.user_id,
        name=name,
        prefix=secrets.shown(secret),
        digest=secrets.digest(secret),
        scopes=sorted({str(scope) for scope in scopes}),
        expires_at=expires_at,
    )
    if key is None:
        raise Problem("conflict")
    await caller.note(conn, "api_key.made", key.id, name=key.name, scopes=key.scopes)
    return key


async def revoke(caller: Caller, key_id: UUID) -> ApiKey:
    """It ends at once."""
    async with caller.transaction() as conn:
        key = await sessions.revoke_api_key(conn, key_id, caller.gateway.clock.now())
        if key is None:
            raise Problem("api_key_not_found")
        await caller.note(conn, "api_key.revoked", key.id)
    return key
