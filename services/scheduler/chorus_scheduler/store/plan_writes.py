"""Writing plans: the activities, and one row with their decisions and what is told of them."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from chorus.events import ActivityScheduled
from chorus.outbox.store import Statements
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Lane, State
from chorus_scheduler.domain.planner import Planned
from chorus_scheduler.domain.retries import max_attempts
from chorus_scheduler.messages import SOURCE
from chorus_scheduler.store.plan_inputs import Post
from chorus_scheduler.store.rows import as_array

SQL = load("chorus_scheduler.store", "plan_writes.sql")

AT_ONCE = 500
"""Activities of one row of `plans`: the relay sends such a row as a whole, as one batch."""

NEWS = Statements(oldest=SQL.relay_oldest, remove=SQL.relay_remove, depth=SQL.relay_depth)
"""How the relay reads events out of plans, each at its place among those of the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """What the rows of one plan have in common."""

    post: Post
    pod_id: UUID | None
    lane: dict[Kind, Lane]
    seed: int
    reaction: str
    approval_expires: timedelta
    actor: str
    correlation_id: str
    traceparent: str
    time: datetime
    priority: int = 5
    windows: Mapping[Kind, datetime] = field(default_factory=dict)
    """When the policy's window of each kind ends on the post."""


async def store(conn: Connection, planned: Sequence[Planned], storing: Storing) -> None:
    """Insert activities that are not there yet, with their decisions and `activity.scheduled`.

    Call it under the tenant's lock, and under it find out what is there: an activity that exists
    is an error (UniqueViolation), and nothing is stored.
    """
    if not planned:
        return
    common = _common(storing)
    for entries in _alike(planned):
        parameters = {**common, **_shared(entries[0], storing), **_columns(entries)}
        await conn.execute(SQL.store_plan, parameters, prepare=True)
        await asyncio.sleep(0)  # a plan may have many of these, and others have their turn
    await conn.execute(SQL.announce)


async def mark_planned(
    conn: Connection, *, client_id: UUID, post_id: UUID, planned: int, skipped: int
) -> None:
    """What the pod's policy does by itself is planned: no sweep asks for it again."""
    parameters = {
        "post_id": post_id,
        "client_id": client_id,
        "planned": planned,
        "skipped": skipped,
    }
    await conn.execute(SQL.post_planned, parameters)


def _alike(planned: Iterable[Planned]) -> Iterator[list[Planned]]:
    """Entries of one kind, state and code, at most `AT_ONCE`, in the order that they have."""
    groups: dict[tuple[Kind, State, str], list[Planned]] = {}
    for entry in planned:
        key = (entry.kind, entry.state, entry.decision.code)
        if key not in groups:
            groups[key] = []
        groups[key].append(entry)
    for group in groups.values():
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


def _common(storing: Storing) -> dict[str, Any]:
    post = storing.post
    return {
        "client_id": post.client_id,
        "post_id": post.post_id,
        "pod_id": storing.pod_id,
        "platform": post.platform,
        "url": post.url,
        "social_id": post.social_id,
        "reaction": storing.reaction,
        "seed": storing.seed,
        "priority": storing.priority,
        "correlation_id": storing.correlation_id,
        "traceparent": storing.traceparent,
        "headers": _headers(storing),
        "actor": storing.actor,
    }


def _headers(storing: Storing) -> str:
    """The envelope of `activity.scheduled`, less what differs from row to row."""
    headers = {
        "ce_specversion": "1.0",
        "ce_source": SOURCE,
        "ce_type": ActivityScheduled.type,
        "ce_time": storing.time.isoformat(),
        "content-type": "application/json; charset=utf-8",
        "traceparent": storing.traceparent,
    }
    return orjson.dumps(list(headers.items())).decode()


def _shared(entry: Planned, storing: Storing) -> dict[str, Any]:
    waits = entry.state is State.AWAITING_APPROVAL
    return {
        "kind": entry.kind,
        "state": entry.state,
        "suggested": entry.suggested,
        "code": entry.decision.code,
        "lane": storing.lane[entry.kind],
        "max_attempts": max_attempts(entry.kind),
        "window_until": storing.windows.get(entry.kind),
        "approval_expires": storing.approval_expires if waits else None,
    }


def _columns(entries: Sequence[Planned]) -> dict[str, Any]:
    people = [entry.by for entry in entries]
    decisions = [entry.decision for entry in entries]
    limits = [decision.limit for decision in decisions]
    limited = any(limits)
    return {
        "ids": as_array([entry.id for entry in entries]),
        "accounts": as_array([each.account_id for each in people]),
        "members": as_array([each.member_id for each in people]),
        "names": [each.name for each in people],
        "providers": [each.provider_account_id for each in people],
        "cartridges": _some([each.cartridge_id for each in people]),
        "voices": _voices(entries),
        "sources": _some([entry.source_text for entry in entries]),
        "texts": _some([entry.text for entry in entries]),
        "instants": as_array([entry.at for entry in entries]),
        "wishes": _some([entry.wished for entry in entries]),
        "sentences": [decision.sentence for decision in decisions],
        "limit_names": [limit and limit.name for limit in limits] if limited else None,
        "limit_values": [limit and limit.value for limit in limits] if limited else None,
        "limit_uses": [limit and limit.used for limit in limits] if limited else None,
    }


def _voices(entries: Sequence[Planned]) -> list[str] | None:
    return [entry.voice for entry in entries] if any(e.voice != "none" for e in entries) else None


def _some(values: list[Any]) -> list[Any] | None:
    """The column, or null where all of it is."""
    return values if any(value is not None for value in values) else None
