"""Accounts and members as the gateway publishes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import ApprovalMode, Kind, Platform
from chorus_scheduler.domain.approval_modes import Modes
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.participation import Participation
from chorus_scheduler.store.placing import hours_of, presence_of
from chorus_scheduler.store.rows import Row

SQL = load("chorus_scheduler.store", "accounts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account by itself, whatever pod it is in."""

    id: UUID
    provider_account_id: str
    platform: Platform
    name: str
    connected: bool
    consented: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """What of an account matters at the moment of hand-over."""

    connected: bool
    consented: frozenset[str]
    warms_from: datetime
    hours: ActiveHours | None = None
    modes: Modes = field(default_factory=dict)
    """What its owner wants of each kind."""
    presence: ActiveHours | None = None
    """Any time but for the absences; None where there are none."""


class Limited(NamedTuple):
    """What of an account its limits go by."""

    platform: Platform
    warms_from: datetime


async def limited(conn: Connection, *, client_id: UUID, account_id: UUID) -> Limited | None:
    """What of an account of the tenant its limits go by."""
    parameters = {"account_id": account_id, "client_id": client_id}
    row = await (await conn.execute(SQL.limited_account, parameters)).fetchone()
    return None if row is None else Limited(Platform(row["platform"]), row["warms_from"])


async def find(conn: Connection, *, client_id: UUID, account_id: UUID) -> Account | None:
    """An account of the tenant."""
    parameters = {"account_id": account_id, "client_id": client_id}
    row = await (await conn.execute(SQL.find_account, parameters)).fetchone()
    if row is None:
        return None
    return Account(
        id=row["account_id"],
        provider_account_id=row["provider_account_id"],
        platform=Platform(row["platform"]),
        name=row["display_name"],
        connected=row["status"] == "connected",
        consented=frozenset(row["consented_kinds"]),
    )


async def standings(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, AccountStanding]:
    """The present standing of accounts; a missing one is missing from the answer."""
    cursor = await conn.execute(SQL.account_standing, {"accounts": list(ids)})
    return {
        row["account_id"]: AccountStanding(
            connected=row["connected"],
            consented=frozenset(row["consented_kinds"]),
            warms_from=row["warms_from"],
            hours=hours_of(row["active_hours"], row["timezone"], row["away"]),
            presence=presence_of(row["timezone"], row["away"]),
            modes=modes_of(row["approval_modes"]),
        )
        for row in await cursor.fetchall()
    }


def modes_of(stored: Mapping[str, str]) -> Modes:
    """What an owner chose, as the gateway stores it."""
    return {Kind(kind): ApprovalMode(mode) for kind, mode in stored.items()}


async def participation(conn: Connection, members: Iterable[UUID]) -> dict[UUID, Participation]:
    """What members take part in now; who was removed is missing from the answer."""
    cursor = await conn.execute(SQL.participation, {"members": list(members)})
    return {row["member_id"]: participation_of(row) for row in await cursor.fetchall()}


async def pods_of(conn: Connection, account_id: UUID) -> dict[UUID, Participation]:
    """Each pod that the account is a member of, and what it takes part in there."""
    cursor = await conn.execute(SQL.pods_of_account, {"account_id": account_id})
    return {row["pod_id"]: participation_of(row) for row in await cursor.fetchall()}


def participation_of(row: Row) -> Participation:
    """A row of `gateway.api_participation`."""
    return Participation(
        takes_part=row["takes_part"],
        kinds=frozenset(row["kinds"]),
        gone=row["gone"],
        left_kinds=frozenset(row["left_kinds"]),
    )
