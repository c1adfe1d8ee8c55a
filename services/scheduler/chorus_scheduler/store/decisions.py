"""Writing decisions. Each one is stored in the transaction of what it explains."""

from collections import Counter
from collections.abc import Sequence

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.telemetry import metrics
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.store.rows import Row, as_json, instant

SQL = load("chorus_scheduler.store", "decisions.sql")
SYSTEM = "scheduler"
"""The actor of what no person asked for."""


async def record(
    conn: Connection, decisions: Sequence[tuple[About, Decision]], *, actor: str = SYSTEM
) -> None:
    """Store decisions with the actor who caused them (a user's id, or `scheduler`)."""
    if not decisions:
        return
    rows = [_row(about, decision, actor) for about, decision in decisions]
    await conn.execute(SQL.record_decisions, {"rows": as_json(rows)})
    for code, count in Counter(decision.code for _, decision in decisions).items():
        metrics.activities.decisions.labels(code).inc(count)


def _row(about: About, decision: Decision, actor: str) -> Row:
    limit = decision.limit
    return {
        "client_id": about.client_id,
        "activity_id": about.activity_id,
        "post_id": about.post_id,
        "account_id": about.account_id,
        "kind": about.kind,
        "code": decision.code,
        "sentence": decision.sentence,
        "limit_name": limit.name if limit else None,
        "limit_value": limit.value if limit else None,
        "limit_used": limit.used if limit else None,
        "next_possible_at": instant(decision.next_possible_at),
        "actor": actor,
        "correlation_id": about.correlation_id,
    }
