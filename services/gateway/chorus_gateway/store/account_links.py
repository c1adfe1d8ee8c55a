"""Links with which people connect their accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.account_links import AccountLink, Holder, LinkState, Shown
from chorus_gateway.store.database import many, one, run

_SQL = load("chorus_gateway.store", "account_links.sql")
PROVIDER = "unipile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A link before its tenant is known."""

    id: UUID
    client_id: UUID
    secret_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the pages of a link say. `account_name`: of the account that is in use by this link;
    None: by none, or by a later one.
    """

    team: str
    person: str
    page_url: str | None
    account_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A link that the provider told of."""

    id: UUID
    client_id: UUID


async def add(conn: Connection, link: AccountLink, secret_hash: bytes) -> None:
    """Store a new link."""
    hours = link.active_hours
    parameters = {
        "id": link.id,
        "client_id": link.client_id,
        "user_id": link.user_id,
        "kind": link.kind,
        "account_id": link.account_id,
        "platform": link.platform,
        "display_name": link.display_name,
        "timezone": link.timezone,
        "active_hours": None if hours is None else Jsonb(hours),
        "secret_hash": secret_hash,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "session_id": link.session_id,
    }
    await run(conn, _SQL.add, parameters)


async def unanswered(conn: Connection, *, limit: int) -> list[Waiting]:
    """Connected links that nobody has seen to yet, of all tenants, the oldest first."""
    return await many(conn, Waiting, _SQL.unanswered, {"limit": limit})


async def answer(conn: Connection, link_id: UUID, now: datetime) -> bool:
    """Note that a link was seen to; False: somebody did before."""
    return await run(conn, _SQL.answer, {"id": link_id, "now": now}) > 0


async def find(conn: Connection, link_id: UUID) -> AccountLink | None:
    """A link of the transaction's tenant."""
    return await one(conn, AccountLink, _SQL.find, {"id": link_id})


async def visit(conn: Connection, link_id: UUID) -> Visit | None:
    """Whose team, whose link, which account, for the link's pages."""
    return await one(conn, Visit, _SQL.visit, {"id": link_id})


async def save_page(conn: Connection, link_id: UUID, page_url: str) -> None:
    """The provider's page that the link leads to."""
    await run(conn, _SQL.save_page, {"id": link_id, "page_url": page_url})


async def lock(conn: Connection, link_id: UUID) -> AccountLink | None:
    """The same, locked until the end of the transaction."""
    return await one(conn, AccountLink, _SQL.lock, {"id": link_id})


async def count_open(conn: Connection, user_id: UUID, now: datetime) -> int:
    """How many links of a person wait."""
    cursor = await conn.execute(_SQL.count_open, {"user_id": user_id, "now": now})
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def find_by_name(conn: Connection, link_id: UUID) -> Named | None:
    """A link of whatever tenant, with the digest of its secret."""
    return await one(conn, Named, _SQL.find_by_name, {"id": link_id})


async def reported(conn: Connection, *, late: datetime, limit: int) -> list[Waiting]:
    """Links of all tenants that are to be settled, the oldest first.

    Of those that wait for their person's word the ones that were reported before `late`.
    """
    return await many(conn, Waiting, _SQL.reported, {"late": late, "limit": limit})


async def latest(conn: Connection, session_id: UUID) -> AccountLink | None:
    """The last link that a session of our pages started."""
    return await one(conn, AccountLink, _SQL.latest, {"session_id": session_id})


async def show(conn: Connection, link_id: UUID, shown: Shown, now: datetime) -> None:
    """What the provider calls the account, for its person to say whether it is theirs."""
    slug = (shown.public_identifier or "")[:200] or None
    parameters = {"id": link_id, "name": shown.name, "slug": slug, "now": now}
    await run(conn, _SQL.show, parameters)


async def confirm(conn: Connection, link_id: UUID, now: datetime) -> bool:
    """Its person says that the account is theirs. The link must be locked."""
    return await run(conn, _SQL.confirm, {"id": link_id, "now": now}) > 0


async def note_failure(conn: Connection, link_id: UUID, code: str) -> None:
    """Signing in did not work; it may be tried again."""
    await run(conn, _SQL.note_failure, {"id": link_id, "code": code})


async def report(
    conn: Connection, link: AccountLink, provider_account_id: str, now: datetime
) -> None:
    """The provider has told of an account. The link must be locked."""
    parameters = {"id": link.id, "provider_account_id": provider_account_id, "now": now}
    await run(conn, _SQL.report, parameters)


async def settle(
    conn: Connection,
    link: AccountLink,
    *,
    account_id: UUID | None,
    code: str | None,
    now: datetime,
) -> None:
    """It is over: connected to that account, or failed with that code."""
    parameters = {
        "id": link.id,
        "state": LinkState.FAILED if account_id is None else LinkState.CONNECTED,
        "code": code,
        "connected_account_id": account_id,
        "now": now,
    }
    await run(conn, _SQL.settle, parameters)


async def purge(conn: Connection, before: datetime) -> None:
    """Remove links that expired before that instant."""
    await conn.execute(_SQL.purge, {"before": before})


async def yield_unproven(conn: Connection, client_id: UUID, provider_account_id: str) -> None:
    """Rows of other tenants that never showed control of this account give it up."""
    parameters = {
        "provider": PROVIDER,
        "provider_account_id": provider_account_id,
        "client_id": client_id,
    }
    await conn.execute(_SQL.yield_unproven, parameters)


async def holder(conn: Connection, shown: Shown) -> Holder | None:
    """The tenant's row that this account is, locked."""
    parameters = {
        "platform": shown.platform,
        "profile_id": shown.profile_id,
        "provider": PROVIDER,
        "provider_account_id": shown.id,
    }
    return await one(conn, Holder, _SQL.holder, parameters)
