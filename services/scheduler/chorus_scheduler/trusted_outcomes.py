"""Whether an outcome may be trusted: only one of an execution that was handed over.

Whoever may write the topic can say anything of any activity. What is out is known to the ledger;
what it has heard of already, to the executors' journal. All else stops nothing and moves nothing:
an operator is told of it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from chorus.events import ActivityExecuted
from chorus.postgres.pool import Connection
from chorus.telemetry import metrics
from chorus_scheduler.store import outcomes
from chorus_scheduler.store.outcomes import Held

_log = structlog.get_logger(__name__)

Told = tuple[ActivityExecuted, Held]


async def trusted(
    conn: Connection, events: Sequence[ActivityExecuted], held: Mapping[UUID, Held]
) -> list[Told]:
    """The outcomes that may count, each with its activity. Of one activity there is one at most."""
    given: list[Told] = []
    for event in events:
        row = held.get(event.activity_id)
        if row is None or not row.standing.gave(event.execution):
            _tell(event)
        else:
            given.append((event, row))
    asked = [
        event for event, row in given if _stops(event) and not row.standing.awaits(event.execution)
    ]
    journaled = await outcomes.journaled(conn, asked) if asked else set()
    doubted = {each.activity_id for each in asked} - journaled
    for event in asked:
        if event.activity_id in doubted:
            _tell(event)
    return [(event, row) for event, row in given if event.activity_id not in doubted]


def _stops(event: ActivityExecuted) -> bool:
    """A challenge counts however often its execution was heard of: it has to be proven."""
    return event.failure is not None and event.failure.challenge


def _tell(event: ActivityExecuted) -> None:
    metrics.activities.disowned.labels(event.lane).inc()
    _log.warning(
        "outcome.never_handed_over",
        activity_id=event.activity_id,
        execution=event.execution,
        outcome=event.outcome,
        challenge=_stops(event),
    )
