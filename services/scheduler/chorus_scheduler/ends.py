"""How a publication that will not happen is told: the one way, whatever ended it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.commands import publish_failed

_NOT_PUBLISHED = (State.FAILED, State.SKIPPED, State.CANCELLED)


async def tell_ended(conn: Connection, rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Tell of those among changed activities that are publications and will not happen.

    Call it with the rows of every statement that may end an activity, in its transaction. A row
    has kind, state, unheard, client_id, post_id, reason, correlation_id, traceparent. What is out
    yet is not told of: it may still be published, and its outcome comes.
    """
    ended = [
        publish_failed(row, now)
        for row in rows
        if row["kind"] == Kind.PUBLISH and row["state"] in _NOT_PUBLISHED and not row["unheard"]
    ]
    await append(conn, "scheduler", ended)
