"""Who found a fact about a post, and what it ends there."""

from datetime import datetime
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus_scheduler.domain.activity import Report
from chorus_scheduler.domain.settlement import PostFact
from chorus_scheduler.store.activities import reports_of

SQL = load("chorus_scheduler.store", "post_facts.sql", parts="parts.sql")


async def found_before(conn: Connection, fact: PostFact) -> dict[UUID, bool]:
    """The accounts that found it out, each with whether a person has its task.

    Two schedulers that find out at once ask in turn.
    """
    await conn.execute(SQL.lock_post, {"post_id": fact.post_id})
    asked = {"post_id": fact.post_id, "code": fact.code}
    cursor = await conn.execute(SQL.witnesses_of_post, asked)
    return {row["account_id"]: row["told"] for row in await cursor.fetchall()}


async def end_others(conn: Connection, fact: PostFact, *, now: datetime) -> list[Report]:
    """Skip what is left to do on the post. Who is being handed over meanwhile is left alone."""
    parameters = {
        "post_id": fact.post_id,
        "kinds": list(fact.kinds),
        "code": fact.code,
        "reason": fact.sentence,
        "now": now,
    }
    return reports_of(await (await conn.execute(SQL.end_of_post, parameters)).fetchall())
