"""Invitations: digests of their tokens only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.invitations import Invitation
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "invitations.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An invitation before its tenant is known."""

    id: UUID
    client_id: UUID
    token_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who invites, to what."""

    team: str
    person: str
    pod: str | None


async def add(conn: Connection, invitation: Invitation, token_hash: bytes) -> None:
    """Store a new one."""
    parameters = {
        "id": invitation.id,
        "client_id": invitation.client_id,
        "purpose": invitation.purpose,
        "invited_by": invitation.invited_by,
        "email": invitation.email,
        "name": invitation.name,
        "pod_id": invitation.pod_id,
        "token_hash": token_hash,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "user_id": invitation.user_id,
    }
    await run(conn, _SQL.add, parameters)


async def add_many(conn: Connection, made: Sequence[tuple[Invitation, bytes]]) -> None:
    """Store new ones of one list, each with the digest of its token."""
    if not made:
        return
    first = made[0][0]
    parameters = {
        "client_id": first.client_id,
        "purpose": first.purpose,
        "invited_by": first.invited_by,
        "pod_id": first.pod_id,
        "created_at": first.created_at,
        "expires_at": first.expires_at,
        "ids": [invitation.id for invitation, _ in made],
        "emails": [invitation.email for invitation, _ in made],
        "names": [invitation.name for invitation, _ in made],
        "token_hashes": [token_hash for _, token_hash in made],
    }
    await run(conn, _SQL.add_many, parameters)


async def last_for(conn: Connection, emails: Sequence[str]) -> list[Invitation]:
    """The latest invitation to join for each of these addresses, whatever became of it."""
    return await many(conn, Invitation, _SQL.last_for, {"emails": list(emails)})


async def find_by_token(conn: Connection, invitation_id: UUID) -> Named | None:
    """One of whatever tenant, with the digest of its secret."""
    return await one(conn, Named, _SQL.find_by_token, {"id": invitation_id})


async def find(conn: Connection, invitation_id: UUID) -> Invitation | None:
    """One of the transaction's tenant."""
    return await one(conn, Invitation, _SQL.find, {"id": invitation_id})


async def lock(conn: Connection, invitation_id: UUID) -> Invitation | None:
    """The same, locked until the end of the transaction."""
    return await one(conn, Invitation, _SQL.lock, {"id": invitation_id})


async def asking(conn: Connection, invitation_id: UUID) -> Asking | None:
    """What its page says of who invites."""
    return await one(conn, Asking, _SQL.asking, {"id": invitation_id})


async def listing(conn: Connection, *, before: UUID | None, limit: int) -> list[Invitation]:
    """Newest first, older than the invitation `before`."""
    return await many(conn, Invitation, _SQL.listing, {"before": before, "limit": limit})


async def count_open(conn: Connection, now: datetime) -> int:
    """How many wait."""
    row = await (await conn.execute(_SQL.count_open, {"now": now})).fetchone()
    return int(row["n"]) if row else 0


async def renew(
    conn: Connection, invitation_id: UUID, *, token_hash: bytes, expires_at: datetime
) -> Invitation | None:
    """Another link takes the place of the one before, which is good for nothing from then on."""
    parameters = {"id": invitation_id, "token_hash": token_hash, "expires_at": expires_at}
    return await one(conn, Invitation, _SQL.renew, parameters)


async def revoke(conn: Connection, invitation_id: UUID, now: datetime) -> Invitation | None:
    """It ends. The invitation must be locked and open, or have expired."""
    return await one(conn, Invitation, _SQL.revoke, {"id": invitation_id, "now": now})


async def use(conn: Connection, invitation_id: UUID, *, user_id: UUID, now: datetime) -> None:
    """Somebody has come by it. The invitation must be locked."""
    await run(conn, _SQL.use, {"id": invitation_id, "user_id": user_id, "now": now})


async def revoke_returns(conn: Connection, user_id: UUID, now: datetime) -> list[UUID]:
    """The links end by which a person could still come back; answers which they were."""
    rows = await conn.execute(_SQL.revoke_returns, {"user_id": user_id, "now": now})
    return [row["id"] for row in await rows.fetchall()]
