"""What members of a pod gave to each other's posts, and received on their own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_gateway.store.database import many

_SQL = load("chorus_gateway.store", "fairness.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessRow:
    """One member: acts that were done, and posts of theirs that received any."""

    member_id: UUID
    account_id: UUID
    name: str
    active: bool
    given_likes: int
    given_comments: int
    given_reposts: int
    received_likes: int
    received_comments: int
    received_reposts: int
    own_posts: int


async def of_pod(
    conn: Connection, pod_id: UUID, *, since: datetime, until: datetime, owner: UUID | None
) -> list[FairnessRow]:
    """Each member of a pod; only those of one person where `owner` names them."""
    parameters = {"pod_id": pod_id, "since": since, "until": until, "owner": owner}
    return await many(conn, FairnessRow, _SQL.of_pod, parameters)
