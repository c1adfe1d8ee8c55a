"""What the provider says of accounts, and the looks at it that are owed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.provider_status import APART, Known
from chorus_gateway.store.account_links import PROVIDER
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "provider_status.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An account, and whose it is."""

    id: UUID
    client_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a look is about: the account as the provider calls it, and its person's own id."""

    provider_account_id: str
    profile_id: str | None


async def find(conn: Connection, provider_account_id: str) -> Named | None:
    """The account that the provider means, of whatever tenant."""
    parameters = {"provider": PROVIDER, "provider_account_id": provider_account_id}
    return await one(conn, Named, _SQL.find, parameters)


async def owed(conn: Connection, now: datetime, *, limit: int) -> list[Named]:
    """Accounts of all tenants of which the provider is to be asked by now."""
    return await many(conn, Named, _SQL.owed, {"now": now, "limit": limit})


async def lock(conn: Connection, account_id: UUID) -> Known | None:
    """What is known of a connected account, locked until the end of the transaction."""
    return await one(conn, Known, _SQL.lock, {"id": account_id})


async def save(conn: Connection, account_id: UUID, known: Known) -> None:
    """The row must be locked."""
    await run(conn, _SQL.save, asdict(known) | {"id": account_id})


async def owe_look(conn: Connection, account_id: UUID, now: datetime) -> None:
    """The provider is to be asked, soon, once for however many ask for it."""
    await run(conn, _SQL.owe, {"id": account_id, "now": now, "apart": APART})


async def begin_look(
    conn: Connection, account_id: UUID, now: datetime, *, until: datetime
) -> Asked | None:
    """None: nothing is owed by now, or somebody else looks, `until` then at most."""
    return await one(conn, Asked, _SQL.begin, {"id": account_id, "now": now, "until": until})


async def end_look(
    conn: Connection, account_id: UUID, *, until: datetime, next_at: datetime | None
) -> None:
    """The look that was begun `until` then is over. next_at: of the next one, if any."""
    await run(conn, _SQL.end, {"id": account_id, "until": until, "next_at": next_at})
