"""How a publication that will not happen is told: the one way, whatever ended it."""

from collections.abc import Iterable
from datetime import datetime

from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.activity import Report
from chorus_scheduler.messages import publish_failed

_NOT_PUBLISHED = (State.FAILED, State.SKIPPED, State.CANCELLED)


async def tell_unpublished(conn: Connection, reports: Iterable[Report], now: datetime) -> None:
    """Tell of those among changed activities that are publications and will not happen.

    Call it with the reports of every statement that may end an activity, in its transaction. What
    is out yet is not told of: it may still be published, and its outcome comes.
    """
    ended = [
        publish_failed(report, now)
        for report in reports
        if report.kind is Kind.PUBLISH and report.state in _NOT_PUBLISHED and not report.unheard
    ]
    await append(conn, "scheduler", ended)
