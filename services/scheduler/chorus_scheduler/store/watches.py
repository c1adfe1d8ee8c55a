"""Watches' rows: begun, ended, claimed, settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chorus.events import WatchChecked
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Platform, WatchKind
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.instants import SECOND, to_datetime
from chorus_scheduler.domain.limits import RateLimits, account_rule
from chorus_scheduler.domain.watches import (
    ASKED,
    BEGAN,
    KINDS,
    After,
    Later,
    Watch,
    status_rule,
)
from chorus_scheduler.store.rows import as_json

SQL = load("chorus_scheduler.store", "watches.sql")
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An account that is to be looked after, and has no watch."""

    client_id: UUID
    kind: WatchKind
    account_id: UUID
    every_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A watch that began or ended."""

    id: UUID
    client_id: UUID
    kind: WatchKind
    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A watch to begin."""

    id: UUID
    wanted: Wanted
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A look that is to be asked for."""

    id: UUID
    client_id: UUID
    account_id: UUID
    execution: int
    sends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All watches that have not ended. oldest: since when the first is due."""

    oldest: datetime | None
    well: int
    failing: int


async def tenants_due(conn: Connection, now: datetime) -> list[UUID]:
    """The tenants of which something is due."""
    rows = await (await conn.execute(SQL.first_due)).fetchall()
    return [row["client_id"] for row in rows if row["next_at"] <= now]


async def in_hand(conn: Connection, now: datetime) -> dict[UUID, int]:
    """How many looks of each tenant are out."""
    rows = await (await conn.execute(SQL.in_hand, {"now": now})).fetchall()
    return {row["client_id"]: row["n"] for row in rows}


async def claim(
    conn: Connection, limits: Mapping[UUID, int], rates: RateLimits, *, now: datetime
) -> list[Watch]:
    """Lock what is due, of each tenant so many; each with the limit of its account."""
    parameters = {"tenants": list(limits.keys()), "limits": list(limits.values()), "now": now}
    rows = await (await conn.execute(SQL.claim, parameters)).fetchall()
    return [_claimed(row, rates, now) for row in rows]


async def hand_over(
    conn: Connection, ids: Sequence[UUID], *, now: datetime, until: datetime
) -> list[Handed]:
    """Mark as asked for; each is given up at `until`."""
    if not ids:
        return []
    parameters = {
        "ids": list(ids),
        "now": now,
        "until": until,
        "code": ASKED.code,
        "reason": ASKED.sentence,
    }
    rows = await (await conn.execute(SQL.hand_over, parameters)).fetchall()
    return [Handed(**row) for row in rows]


async def put_off(
    conn: Connection, entries: Iterable[tuple[Watch, Later]], *, now: datetime
) -> None:
    """Give another time, and say why."""
    rows = [
        {
            "id": watch.id,
            "next_at": to_datetime(later.at),
            "code": later.why.code,
            "reason": later.why.sentence,
        }
        for watch, later in entries
    ]
    if rows:
        parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
        await conn.execute(SQL.put_off, parameters)


async def lock(conn: Connection, watch_id: UUID) -> Watch | None:
    """One watch, locked until the end of the transaction."""
    row = await (await conn.execute(SQL.lock, {"id": watch_id})).fetchone()
    return None if row is None else _watch(row)


async def met_challenge(conn: Connection, event: WatchChecked) -> bool:
    """Whether the executors know that this look met a challenge."""
    asked = {
        "account_id": event.account_id,
        "watch_id": event.watch_id,
        "execution": event.execution,
    }
    return await (await conn.execute(SQL.met_challenge, asked)).fetchone() is not None


async def settle(conn: Connection, event: WatchChecked, after: After, *, now: datetime) -> None:
    """What came of the look that is out."""
    error = None if event.failure is None else event.failure.model_dump(mode="json")
    await _settle(
        conn,
        event.watch_id,
        after,
        now=now,
        looked=int(event.outcome == "checked"),
        found=event.found,
        cursor=event.cursor,
        at=min(event.checked_at, now),
        error=error,
    )


async def give_up(
    conn: Connection, watch: Watch, error: Mapping[str, Any], after: After, *, now: datetime
) -> None:
    """Nobody answered: it counts as a look that failed."""
    await _settle(conn, watch.id, after, now=now, error=error)


async def missing(conn: Connection, *, status_every: int, limit: int) -> list[Wanted]:
    """What is wanted and nobody looks after. status_every: seconds between looks at a status."""
    parameters = {"status_every": status_every, "limit": limit}
    rows = await (await conn.execute(SQL.missing, parameters)).fetchall()
    return [Wanted(**{**row, "kind": WatchKind(row["kind"])}) for row in rows]


async def begin(conn: Connection, beginning: Sequence[Begin], *, now: datetime) -> list[Changed]:
    """Begin watches; those that another replica began meanwhile are left alone."""
    rows = [
        {
            "id": each.id,
            "client_id": each.wanted.client_id,
            "kind": each.wanted.kind,
            "subject": str(each.wanted.account_id),
            "account_id": each.wanted.account_id,
            "every_seconds": each.wanted.every_seconds,
            "next_at": each.next_at,
            "code": BEGAN[each.wanted.kind].code,
            "reason": BEGAN[each.wanted.kind].sentence,
        }
        for each in beginning
    ]
    cursor = await conn.execute(SQL.begin, {"rows": as_json(rows), "now": now})
    return [_changed(row) for row in await cursor.fetchall()]


async def end_unwanted(
    conn: Connection, why: Decision, *, now: datetime, limit: int
) -> list[Changed]:
    """End what no pod, no member, no consent and no connection asks for any more."""
    parameters = {"now": now, "code": why.code, "reason": why.sentence, "limit": limit}
    cursor = await conn.execute(SQL.end_unwanted, parameters)
    return [_changed(row) for row in await cursor.fetchall()]


async def pace(conn: Connection, *, status_every: int, now: datetime, limit: int) -> int:
    """Let each look as often as is asked for. Returns how many changed."""
    parameters = {"status_every": status_every, "now": now, "limit": limit}
    return (await conn.execute(SQL.pace, parameters)).rowcount


async def measure(conn: Connection, *, now: datetime) -> Measured:
    """How many there are, and how old the oldest is that is due."""
    row = await (await conn.execute(SQL.measure, {"now": now})).fetchone()
    return Measured(**row) if row else Measured(oldest=None, well=0, failing=0)


async def _settle(
    conn: Connection,
    watch_id: UUID,
    after: After,
    *,
    now: datetime,
    looked: int = 0,
    found: int = 0,
    cursor: str | None = None,
    at: datetime | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    parameters = {
        "id": watch_id,
        "next_at": to_datetime(after.next_at),
        "errors": after.errors,
        "failing": after.failing,
        "code": after.reason.code,
        "reason": after.reason.sentence,
        "cursor": cursor,
        "looked": looked,
        "found": found,
        "failed": int(error is not None),
        "at": at,
        "error": None if error is None else orjson.dumps(error).decode(),
        "now": now,
    }
    await conn.execute(SQL.settle, parameters)


def _watch(row: Mapping[str, Any], **known: Any) -> Watch:
    return Watch(
        id=row["id"],
        client_id=row["client_id"],
        kind=WatchKind(row["kind"]),
        account_id=row["account_id"],
        every=row["every_seconds"] * SECOND,
        execution=row["execution"],
        unheard=row["unheard"],
        sends=row["sends"],
        errors=row["errors"],
        **known,
    )


def _changed(row: Mapping[str, Any]) -> Changed:
    return Changed(**{**row, "kind": WatchKind(row["kind"])})


def _claimed(row: Mapping[str, Any], rates: RateLimits, now: datetime) -> Watch:
    kind, account_id = KINDS.get(WatchKind(row["kind"])), row["account_id"]
    rule = status_rule(account_id) if kind is None else None
    if kind is not None and row["platform"] is not None:
        found = rates.find(row["client_id"], account_id, Platform(row["platform"]), kind)
        age = (now - row["warms_from"]).total_seconds() / _DAY
        rule = account_rule(found, account_id, age) if found else None
    return _watch(
        row,
        rule=rule,
        wanted=row["wanted"],
        consented=row["consented"],
        account_status=row["account_status"],
        pause_reason=row["pause_reason"],
    )
