"""A fact about a post ends what is left to do on it: one reason, and one task for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.settlement import (
    PostFact,
    Settlement,
    first_to_tell,
    post_fact,
    told_by_another,
)
from chorus_scheduler.store import decisions
from chorus_scheduler.store.outcomes import Held
from chorus_scheduler.store.rows import QUERIES

Settled = tuple[ActivityExecuted, Held, Settlement]


async def once_a_post(
    conn: Connection, settled: Sequence[Settled], now: datetime
) -> tuple[list[Settled], list[dict[str, Any]]]:
    """What fails by a fact about its post: the first is the task, the others fail without one.

    Whatever was to be done on the post is skipped for the same reason; those rows come back too,
    as `tell_ended` wants them.
    """
    told: set[tuple[UUID, str]] = set()
    facts: dict[tuple[UUID, str], PostFact] = {}
    answer: list[Settled] = []
    for event, row, what in settled:
        fact = post_fact(row.post_id, event, what)
        if fact is None:
            answer.append((event, row, what))
            continue
        key = (fact.post_id, fact.code)
        if key not in facts:
            facts[key] = fact
            if await _is_told(conn, fact):
                told.add(key)
        say = told_by_another if key in told else first_to_tell
        told.add(key)
        answer.append((event, row, say(what, fact)))
    over = [row for fact in facts.values() for row in await _end_others(conn, fact, now)]
    return answer, over


async def _is_told(conn: Connection, fact: PostFact) -> bool:
    """Whether a person has the task already. Two schedulers that find out at once ask in turn."""
    await conn.execute(QUERIES.lock_post, {"post_id": fact.post_id})
    asked = {"posts": [fact.post_id], "code": fact.code}
    return await (await conn.execute(QUERIES.told_of_post, asked)).fetchone() is not None


async def _end_others(conn: Connection, fact: PostFact, now: datetime) -> list[dict[str, Any]]:
    parameters = {
        "post_id": fact.post_id,
        "kinds": list(fact.kinds),
        "code": fact.code,
        "reason": fact.sentence,
        "now": now,
    }
    rows = await (await conn.execute(QUERIES.end_of_post, parameters)).fetchall()
    decision = Decision(code=fact.code, sentence=fact.sentence)
    await decisions.record(conn, [(_about(row), decision) for row in rows])
    return list(rows)


def _about(row: dict[str, Any]) -> About:
    return About(
        client_id=row["client_id"],
        activity_id=row["id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        correlation_id=row["correlation_id"],
    )
