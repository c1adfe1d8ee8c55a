"""A fact about a post ends what is left to do on it: one reason, and one task for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Report, about
from chorus_scheduler.domain.settlement import (
    PostFact,
    Settlement,
    first_to_tell,
    post_fact,
    told_by_another,
)
from chorus_scheduler.store import decisions, post_facts
from chorus_scheduler.store.outcomes import Held

_WITNESSES: Final = 2
"""Accounts that must have found it out before it is held for a fact about the post."""

Settled = tuple[ActivityExecuted, Held, Settlement]


async def once_a_post(
    conn: Connection, settled: Sequence[Settled], now: datetime
) -> tuple[list[Settled], list[Report]]:
    """What fails by a fact about its post: the first is the task, the others fail without one.

    What one account is shown may be about that account: once a second one has found the same,
    whatever was to be done on the post is skipped for that reason. Those come back too.
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
            found = await post_facts.found_before(conn, fact)
            witnesses[key] = set(found)
            if any(found.values()):
                told.add(key)
        witnesses[key].add(row.account_id)
        say = told_by_another if key in told else first_to_tell
        told.add(key)
        answer.append((event, row, say(what, fact)))
    sure = [fact for key, fact in facts.items() if len(witnesses[key]) >= _WITNESSES]
    over = [each for fact in sure for each in await _end_others(conn, fact, now)]
    return answer, over


async def _end_others(conn: Connection, fact: PostFact, now: datetime) -> list[Report]:
    ended = await post_facts.end_others(conn, fact, now=now)
    decision = reasons.told(fact.code, fact.sentence)
    await decisions.record(conn, [(about(each), decision) for each in ended])
    return ended
