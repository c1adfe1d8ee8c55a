"""What is asked before a post that was found is registered."""

from dataclasses import dataclass
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load

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


async def may_be_ours(conn: Connection, account_id: UUID) -> bool:
    """Whether a post of the account's that is not known may be one that was published for it."""
    parameters = {"account_id": account_id}
    return await (await conn.execute(_SQL.may_be_ours, parameters)).fetchone() is not None
