"""What is read from the database to judge a run: call starts against due instants, decisions."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import psycopg

from chorus.vocabulary import Kind

_LATENESS = """
    select kind, extract(epoch from called_at - (command->>'due_at')::timestamptz) * 1000
    from engagement.attempts
    where client_id = %s and called_at is not null
"""
_DECISIONS = """
    select code, count(*), min(sentence)
    from scheduler.api_decisions
    group by code
    order by count(*) desc, code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCount:
    """How often a code was given, and one of its sentences."""

    code: str
    count: int
    sentence: str


def lateness_ms(dsn: str, tenant: UUID) -> dict[Kind, list[float]]:
    """Start of each call less the instant it was due at, by kind, in milliseconds."""
    found: dict[Kind, list[float]] = defaultdict(list)
    with psycopg.connect(dsn, connect_timeout=5) as conn:
        for kind, late in conn.execute(_LATENESS, [tenant]):
            found[Kind(kind)].append(float(late))
    return dict(found)


def decisions(dsn: str, tenant: UUID) -> list[DecisionCount]:
    """Every decision of the tenant, by code, the most frequent first."""
    with psycopg.connect(dsn, connect_timeout=5) as conn:
        conn.execute("select set_config('chorus.client_id', %s, true)", [str(tenant)])
        rows = conn.execute(_DECISIONS).fetchall()
    return [DecisionCount(code=code, count=n, sentence=text) for code, n, text in rows]
