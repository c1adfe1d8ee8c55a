"""Pod members (P1): an account that takes part in a pod."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.members import Departure
from chorus_gateway.store.database import NOT_YET, many, one, run

_SQL = load("chorus_gateway.store", "members.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member with what the admin page shows of it (P8)."""

    id: UUID
    client_id: UUID
    pod_id: UUID
    account_id: UUID
    owner_user_id: UUID
    provider_account_id: str
    account_status: str
    consented_kinds: list[str]
    name: str
    linkedin_url: str | None
    active: bool
    phrases: list[str]
    cartridge_id: UUID | None
    kinds: list[str]
    phrases_by: UUID | None = None
    """Who chose the phrases: the account's owner, or they are in use nowhere."""
    left_by_owner: bool = False
    declined_kinds: list[str] = field(default_factory=list)
    """What the owner has left by their own word, and comes back to by themselves alone."""
    created_at: datetime = NOT_YET
    updated_at: datetime = NOT_YET

    @property
    def departure(self) -> Departure:
        """What the owner wants no part of."""
        return Departure(whole=self.left_by_owner, kinds=frozenset(self.declined_kinds))


def _parameters(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "client_id": member.client_id,
        "pod_id": member.pod_id,
        "account_id": member.account_id,
        "name": member.name,
        "linkedin_url": member.linkedin_url,
        "active": member.active,
        "phrases": member.phrases,
        "phrases_by": member.phrases_by,
        "cartridge_id": member.cartridge_id,
        "kinds": member.kinds,
    }


async def add(conn: Connection, member: Member) -> bool:
    """A new member; False when the account is in the pod already."""
    return await run(conn, _SQL.add, _parameters(member)) > 0


async def find(conn: Connection, member_id: UUID) -> Member | None:
    """A member of the transaction's tenant."""
    return await one(conn, Member, _SQL.find, {"id": member_id})


async def lock(conn: Connection, member_id: UUID) -> Member | None:
    """The same, locked until the end of the transaction."""
    await run(conn, _SQL.lock, {"id": member_id})
    return await find(conn, member_id)


async def listing(
    conn: Connection,
    *,
    pod_id: UUID | None,
    active: bool | None,
    before: UUID | None,
    limit: int,
) -> list[Member]:
    """Newest first, older than the member `before`."""
    parameters = {"pod_id": pod_id, "active": active, "before": before, "limit": limit}
    return await many(conn, Member, _SQL.listing, parameters)


async def of_owner(conn: Connection, user_id: UUID) -> list[Member]:
    """Where a person's connected accounts take part, the oldest first."""
    return await many(conn, Member, _SQL.of_owner, {"user_id": user_id})


async def save(conn: Connection, member: Member) -> None:
    """Store name, address, activity, phrases, voice and kinds."""
    await run(conn, _SQL.save, _parameters(member))


async def remove(conn: Connection, member_id: UUID) -> bool:
    """Take the account out of the pod; what it did stays in the record."""
    return await run(conn, _SQL.remove, {"id": member_id}) > 0


async def departure(conn: Connection, pod_id: UUID, account_id: UUID) -> Departure:
    """What the account's present owner has left in the pod, member or not."""
    cursor = await conn.execute(_SQL.departure, {"pod_id": pod_id, "account_id": account_id})
    row = await cursor.fetchone()
    return Departure(whole=row["whole"], kinds=frozenset(row["kinds"])) if row else Departure()


async def depart(conn: Connection, member: Member, departure: Departure) -> None:
    """Store what the member's owner wants no part of. The member must be locked."""
    parameters = {
        "client_id": member.client_id,
        "pod_id": member.pod_id,
        "account_id": member.account_id,
        "by_user_id": member.owner_user_id,
        "whole": departure.whole,
        "kinds": sorted(departure.kinds),
    }
    await run(conn, _SQL.depart, parameters)


async def last_activity(conn: Connection, members: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these members last acted; who never did is not in it."""
    cursor = await conn.execute(_SQL.last_activity, {"members": list(members)})
    return {row["member_id"]: row["at"] for row in await cursor.fetchall()}
