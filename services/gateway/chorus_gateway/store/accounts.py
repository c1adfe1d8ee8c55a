"""Accounts and the log of what their people agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chorus.documents import AnyTime
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.account_links import AccountLink, Shown
from chorus_gateway.domain.consent import ConsentText
from chorus_gateway.store import absences
from chorus_gateway.store.database import NOT_YET, many, one, run

_SQL = load("chorus_gateway.store", "accounts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account at a network, connected through a provider.

    status: as its owner showed, or as somebody set it by hand.
    """

    id: UUID
    client_id: UUID
    owner_user_id: UUID
    provider: str
    provider_account_id: str
    platform: str
    display_name: str
    linkedin_url: str | None
    timezone: str
    active_hours: dict[str, Any] | AnyTime | None
    status: str = "connected"
    # What follows is the database's to say.
    consented_kinds: list[str] = field(default_factory=list)
    """Kinds with a consent in force now."""
    connected_at: datetime = NOT_YET
    updated_at: datetime = NOT_YET
    removed_at: datetime | None = None
    proven_at: datetime | None = None
    """When its owner last showed control of it."""
    standing: str = "connected"
    """`status`, or less than that where the provider says so: what is in force."""
    provider_word: str | None = None
    provider_status_at: datetime | None = None
    provider_confirmed: bool = False
    approval_modes: dict[str, str] = field(default_factory=dict)
    """How much of each kind its owner leaves to Chorus; what is not there was not chosen."""
    owner_active: bool = True
    """Of a person who was disabled nothing is in force."""

    @property
    def kinds_in_force(self) -> list[str]:
        """What may be done in its name now."""
        return self.consented_kinds if self.owner_active else []

    @property
    def windows(self) -> dict[str, Any] | None:
        """The hours that somebody chose; None where nobody did, and where they chose any time."""
        return None if self.active_hours == "any_time" else self.active_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """One answer: given or withdrawn."""

    id: int
    account_id: UUID
    kind: str
    granted: bool
    text_version: str
    text_sha256: str
    by_user_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """A removed account whose sign-in the provider is to forget."""

    account_id: UUID
    client_id: UUID
    provider_account_id: str


def _parameters(account: Account) -> dict[str, Any]:
    hours = account.active_hours
    return {
        "id": account.id,
        "client_id": account.client_id,
        "owner_user_id": account.owner_user_id,
        "provider": account.provider,
        "provider_account_id": account.provider_account_id,
        "platform": account.platform,
        "display_name": account.display_name,
        "linkedin_url": account.linkedin_url,
        "timezone": account.timezone,
        "active_hours": None if hours is None else Jsonb(hours),
        "status": account.status,
    }


async def add(conn: Connection, account: Account, shown: Shown) -> Account | None:
    """A new account whose owner has shown control; None: it is connected, by whatever tenant."""
    parameters = _parameters(account) | {"profile_id": shown.profile_id}
    return await one(conn, Account, _SQL.add, parameters)


async def prove(
    conn: Connection,
    account_id: UUID,
    *,
    owner_user_id: UUID,
    shown: Shown,
    display_name: str | None,
    anew: AccountLink | None,
) -> None:
    """Its owner has shown control of this row.

    `anew`: it was removed, or never proven, so hours and zone are those of this link.

    psycopg's UniqueViolation when it is connected elsewhere, by whatever tenant.
    """
    parameters = {
        "id": account_id,
        "owner_user_id": owner_user_id,
        "provider_account_id": shown.id,
        "profile_id": shown.profile_id,
        "asked_at": shown.asked_at,
        "display_name": display_name,
        "timezone": anew.timezone if anew else None,
        "active_hours": Jsonb(anew.active_hours) if anew and anew.active_hours else None,
    }
    if anew is not None:
        await absences.remove_all(conn, account_id)
    await run(conn, _SQL.prove, parameters)


async def withdraw_all(conn: Connection, account_id: UUID, *, by_user_id: UUID) -> None:
    """Nothing is agreed to any more; the log says so, kind by kind."""
    await run(conn, _SQL.withdraw_all, {"id": account_id, "by_user_id": by_user_id})


async def owned_by(conn: Connection, user_id: UUID) -> list[UUID]:
    """The connected accounts of a person."""
    cursor = await conn.execute(_SQL.owned_by, {"user_id": user_id})
    return [row["id"] for row in await cursor.fetchall()]


async def find(conn: Connection, account_id: UUID) -> Account | None:
    """A connected account of the transaction's tenant."""
    return await one(conn, Account, _SQL.find, {"id": account_id})


async def lock(conn: Connection, account_id: UUID) -> Account | None:
    """The same, locked until the end of the transaction."""
    return await one(conn, Account, _SQL.lock, {"id": account_id})


async def count(conn: Connection) -> int:
    """How many accounts the tenant has connected."""
    cursor = await conn.execute(_SQL.count)
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def listing(
    conn: Connection, *, before: UUID | None, limit: int, owner_user_id: UUID | None
) -> list[Account]:
    """Newest first, older than the account `before`."""
    parameters = {"before": before, "limit": limit, "owner_user_id": owner_user_id}
    return await many(conn, Account, _SQL.listing, parameters)


async def save(conn: Connection, account: Account) -> Account | None:
    """Store what may be changed: name, address, zone, hours, status."""
    return await one(conn, Account, _SQL.save, _parameters(account))


async def choose_modes(
    conn: Connection, account_id: UUID, modes: Mapping[str, str]
) -> Account | None:
    """All that is chosen from now on, of an account that was locked in this transaction."""
    parameters = {"id": account_id, "modes": Jsonb(dict(modes))}
    return await one(conn, Account, _SQL.choose_modes, parameters)


async def remove(conn: Connection, account_id: UUID) -> bool:
    """Take it out of use. Its row stays, so that it can never act twice by coming back; when its
    person was away does not.
    """
    await absences.remove_all(conn, account_id)
    return await run(conn, _SQL.remove, {"id": account_id}) > 0


async def forget(conn: Connection, account_id: UUID, now: datetime) -> None:
    """What names the person of a removed account goes, and its sign-in is to be forgotten."""
    await run(conn, _SQL.forget, {"id": account_id, "now": now})


async def to_forget(conn: Connection, *, limit: int) -> list[Forgetting]:
    """Removed accounts of all tenants whose sign-in the provider still has, the oldest first."""
    return await many(conn, Forgetting, _SQL.to_forget, {"limit": limit})


async def lock_removed(conn: Connection, account_id: UUID) -> bool:
    """Hold a removed account that is to be forgotten; False: it came back, or was forgotten."""
    cursor = await conn.execute(_SQL.lock_removed, {"id": account_id})
    return await cursor.fetchone() is not None


async def forgotten(conn: Connection, account_id: UUID) -> None:
    """The provider has no sign-in of it any more."""
    await run(conn, _SQL.forgotten, {"id": account_id})


async def record_consent(
    conn: Connection,
    *,
    account: Account,
    text: ConsentText,
    granted: bool,
    by_user_id: UUID,
    address: str | None,
) -> None:
    """Append an answer; the log's trigger puts it in force. The account must be locked."""
    parameters = {
        "client_id": account.client_id,
        "account_id": account.id,
        "kind": str(text.kind),
        "granted": granted,
        "text_version": text.version,
        "text_sha256": text.sha256,
        "by_user_id": by_user_id,
        "address": address,
    }
    await run(conn, _SQL.record_consent, parameters)


async def consents(
    conn: Connection, account_id: UUID, *, before: int | None, limit: int
) -> list[ConsentEntry]:
    """The log of an account, newest first."""
    parameters = {"account_id": account_id, "before": before, "limit": limit}
    return await many(conn, ConsentEntry, _SQL.consents, parameters)
