"""A fact about a post ends what is left to do on it: one reason, and one task for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About
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

_WITNESSES: Final = 2
"""Accounts that must have found it out before it is held for a fact about the post."""

Settled = tuple[ActivityExecuted, Held, Settlement]


async def once_a_post(
    conn: Connection, settled: Sequence[Settled], now: datetime
) -> tuple[list[Settled], list[dict[str, Any]]]:
    """What fails by a fact about its post: the first is the task, the others fail without one.

    What one account is shown may be about that account: once a second one has found the same,
    whatever was to be done on the post is skipped for that reason. Those rows come back too, as
    `tell_ended` wants them.
    """
    told: set[tuple[UUID, str]] = set()
    facts: dict[tuple[UUID, str], PostFact] = {}
    witnesses: dict[tuple[UUID, str], set[UUID]] = {}
    answer: list[Settled] = []
    for event, row, what in settled:
        fact = post_fact(row.post_id, event, what)
        if fact is None:
            answer.append((event, row, what))
            continue
        key = (fact.post_id, fact.code)
        if key not in facts:
            facts[key] = fact
            found = await _found_before(conn, fact)
            witnesses[key] = set(found)
            if any(found.values()):
                told.add(key)
        witnesses[key].add(row.account_id)
        say = told_by_another if key in told else first_to_tell
        told.add(key)
        answer.append((event, row, say(what, fact)))
    sure = [fact for key, fact in facts.items() if len(witnesses[key]) >= _WITNESSES]
    over = [row for fact in sure for row in await _end_others(conn, fact, now)]
    return answer, over


async def _found_before(conn: Connection, fact: PostFact) -> dict[UUID, bool]:
    """The accounts that found it out, each with whether a person has its task.

    Two schedulers that find out at once ask in turn.
    """
    await conn.execute(QUERIES.lock_post, {"post_id": fact.post_id})
    asked = {"post_id": fact.post_id, "code": fact.code}
    cursor = await conn.execute(QUERIES.witnesses_of_post, asked)
    return {row["account_id"]: row["told"] for row in await cursor.fetchall()}


async def _end_others(conn: Connection, fact: PostFact, now: datetime) -> list[dict[str, Any]]:
    parameters = {
        "post_id": fact.post_id,
        "kinds": list(fact.kinds),
        "code": fact.code,
        "reason": fact.sentence,
        "now": now,
    }
    rows = await (await conn.execute(QUERIES.end_of_post, parameters)).fetchall()
    decision = reasons.told(fact.code, fact.sentence)
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
