"""What is asked before a post that was found is registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.detection import Unsettled
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "detections.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """Of the account. profile_id: whom the network knows it as, where that was told."""

    platform: str
    profile_id: str | None


async def agreed(conn: Connection, account_id: UUID) -> Agreed | None:
    """None where the account's person does not agree to it, or the account is gone."""
    row = await (await conn.execute(_SQL.agreed_profile, {"account_id": account_id})).fetchone()
    return None if row is None else Agreed(**row)


async def asking_pod(conn: Connection, account_id: UUID) -> UUID | None:
    """The pod that wants the account's new posts."""
    row = await (await conn.execute(_SQL.asking_pod, {"account_id": account_id})).fetchone()
    return None if row is None else row["pod_id"]


async def unsettled(
    conn: Connection, *, accounts: Sequence[UUID] = (), posts: Sequence[UUID] = ()
) -> list[Unsettled]:
    """Publications of these accounts, or of these posts, of which a post that is not known may be
    the effect. The last to hide something comes first.
    """
    parameters = {"accounts": list(accounts), "posts": list(posts)}
    return await many(conn, Unsettled, _SQL.unsettled, parameters)


async def shown_text(conn: Connection, watch_id: UUID, social_id: str) -> str | None:
    """How a post begins that a look of this watch found: for people alone."""
    parameters = {"watch_id": watch_id, "social_id": social_id}
    row = await (await conn.execute(_SQL.shown_text, parameters)).fetchone()
    return None if row is None else row["text"]
