"""What the scheduler's ledger says about a post, account by account."""

from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.domain.explaining import MOVES, Move, Part
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "explaining.sql")


async def parts(
    conn: Connection, post_id: UUID, *, after: tuple[UUID, str] | None, limit: int
) -> list[Part]:
    """By account and kind, those after the given one."""
    account_id, kind = after or (None, None)
    parameters = {"post_id": post_id, "account_id": account_id, "kind": kind, "limit": limit}
    return await many(conn, Part, _SQL.parts, parameters)


async def moves(conn: Connection, found: list[Part]) -> dict[UUID, list[Move]]:
    """What gave these another time: of each activity the last twenty, in order."""
    activities = [part.activity_id for part in found if part.activity_id is not None]
    parameters = {"activities": activities, "codes": list(MOVES)}
    told: dict[UUID, list[Move]] = {}
    for move in await many(conn, Move, _SQL.moves, parameters):
        told.setdefault(move.activity_id, []).append(move)
    return told
