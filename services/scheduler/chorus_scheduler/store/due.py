"""Due activities: claimed, handed over, put off, parked, ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.vocabulary import Lane, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.gates import account_scope
from chorus_scheduler.domain.handover import Due, Others, Pause
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import Micros, to_datetime
from chorus_scheduler.domain.participation import Participation
from chorus_scheduler.store.placing import hours_of
from chorus_scheduler.store.rows import QUERIES, Row, as_json, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """What of an account matters at the moment of hand-over."""

    connected: bool
    consented: frozenset[str]
    connected_at: datetime
    hours: ActiveHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDue:
    """When the first activity of a tenant is due in a lane."""

    lane: Lane
    client_id: UUID
    due_at: datetime


async def first_due(conn: Connection, lanes: Iterable[Lane]) -> list[FirstDue]:
    """Of each tenant that has something scheduled in one of the lanes."""
    cursor = await conn.execute(QUERIES.first_due, {"lanes": list(lanes)})
    return [
        FirstDue(lane=Lane(row["lane"]), client_id=row["client_id"], due_at=row["due_at"])
        for row in await cursor.fetchall()
    ]


async def claim(
    conn: Connection, lane: Lane, limits: Mapping[UUID, int], *, until: datetime
) -> list[Row]:
    """Lock what is due until then in a lane, of each tenant so many, its earliest first; tenants
    take turns in the answer. What another dispatcher holds is passed over.
    """
    parameters = {
        "lane": lane,
        "until": until,
        "tenants": list(limits.keys()),
        "limits": list(limits.values()),
    }
    return list(await (await conn.execute(QUERIES.claim_due, parameters)).fetchall())


async def in_hand(conn: Connection) -> dict[Lane, dict[UUID, int]]:
    """How many of each lane and tenant are handed over and not heard of."""
    held: dict[Lane, dict[UUID, int]] = {lane: {} for lane in Lane}
    for row in await (await conn.execute(QUERIES.in_hand)).fetchall():
        held[Lane(row["lane"])][row["client_id"]] = int(row["n"])
    return held


async def participation(conn: Connection, members: Iterable[UUID]) -> dict[UUID, Participation]:
    """What members take part in now; who was removed is missing from the answer."""
    cursor = await conn.execute(QUERIES.participation, {"members": list(members)})
    return {
        row["member_id"]: Participation(takes_part=row["takes_part"], kinds=frozenset(row["kinds"]))
        for row in await cursor.fetchall()
    }


async def others_of_targets(conn: Connection, batch: Iterable[Due]) -> dict[UUID, Others]:
    """What others of the same account, kind and target did. Ask it under the accounts' gates."""
    rows = [
        {"id": due.id, "account_id": due.account_id, "kind": due.kind, "target": due.target}
        for due in batch
        if due.one_effect is not None and not due.looks_only
    ]
    if not rows:
        return {}
    cursor = await conn.execute(QUERIES.others_of_target, {"rows": as_json(rows)})
    return {
        row["id"]: Others.ACTED if row["acted"] else Others.MAY_ACT
        for row in await cursor.fetchall()
    }


async def accounts(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, AccountStanding]:
    """The present standing of accounts; a missing one is missing from the answer."""
    cursor = await conn.execute(QUERIES.account_standing, {"accounts": list(ids)})
    return {
        row["account_id"]: AccountStanding(
            connected=row["connected"],
            consented=frozenset(row["consented_kinds"]),
            connected_at=row["connected_at"],
            hours=hours_of(row["active_hours"], row["timezone"]),
        )
        for row in await cursor.fetchall()
    }


async def pauses(conn: Connection) -> list[Pause]:
    """Every pause in force."""
    cursor = await conn.execute(QUERIES.pauses_in_force)
    return [Pause(**row) for row in await cursor.fetchall()]


async def hand_over(
    conn: Connection,
    handed: Sequence[tuple[Due, Micros]],
    *,
    now: datetime,
    lease: timedelta,
) -> list[dict[str, Any]]:
    """Mark as handed over, each with the instant until which its call may be made; the answer holds
    all that the commands need. The silenced lose their text.
    """
    if not handed:
        return []
    scopes = {
        str(due.id): [*(rule.scope for rule in due.rules), account_scope(due.account_id)]
        for due, _ in handed
    }
    untils = {str(due.id): to_datetime(until) for due, until in handed}
    parameters = {
        "ids": [due.id for due, _ in handed],
        "scopes": as_json([scopes])[1:-1],
        "acts_until": as_json([untils])[1:-1],
        "code": reasons.HANDED_OVER.code,
        "sentence": reasons.HANDED_OVER.sentence,
        "silenced": [due.id for due, _ in handed if due.silenced],
        "now": now,
        "lease": lease,
    }
    return list(await (await conn.execute(QUERIES.hand_over, parameters)).fetchall())


async def put_off(
    conn: Connection, entries: Sequence[tuple[Due, Micros, Decision]], *, now: datetime
) -> None:
    """Move to a later instant."""
    rows = [
        {"id": due.id, "due_at": instant(at), "code": decision.code, "reason": decision.sentence}
        for due, at, decision in entries
    ]
    await _by_rows(conn, "put_off", rows, now)


async def park(
    conn: Connection, entries: Sequence[tuple[Due, Pause, Decision]], *, now: datetime
) -> set[UUID]:
    """Set aside until the pause ends; who was. A pause that has ended meanwhile parks nobody."""
    rows = [
        {"id": due.id, "pause_id": pause.id, "reason": decision.sentence}
        for due, pause, decision in entries
    ]
    if not rows:
        return set()
    parameters = {
        "rows": as_json(rows),
        "ids": [row["id"] for row in rows],
        "pauses": list({row["pause_id"] for row in rows}),
        "now": now,
    }
    cursor = await conn.execute(QUERIES.park, parameters)
    return {row["id"] for row in await cursor.fetchall()}


async def end(
    conn: Connection, entries: Sequence[tuple[Due, State, Decision]], *, now: datetime
) -> list[dict[str, Any]]:
    """End what was never handed over, or had no effect; the rows as `tell_ended` wants them."""
    rows = [
        {"id": due.id, "state": state, "code": decision.code, "reason": decision.sentence}
        for due, state, decision in entries
    ]
    if not rows:
        return []
    parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
    return list(await (await conn.execute(QUERIES.end_unstarted, parameters)).fetchall())


async def overdue_leases(conn: Connection, *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Handed over, and no outcome within the lease. `journaled`: an executor has it."""
    cursor = await conn.execute(QUERIES.overdue_leases, {"now": now, "limit": limit})
    return list(await cursor.fetchall())


async def renew_leases(
    conn: Connection, ids: Sequence[UUID], *, until: datetime
) -> list[dict[str, Any]]:
    """Give more time; the answer holds all that the commands need."""
    if not ids:
        return []
    cursor = await conn.execute(QUERIES.renew_leases, {"ids": list(ids), "until": until})
    return list(await cursor.fetchall())


async def lengthen_leases(conn: Connection, ids: Sequence[UUID], *, until: datetime) -> None:
    """Give at least so much time."""
    if ids:
        await conn.execute(QUERIES.lengthen_leases, {"ids": list(ids), "until": until})


async def _by_rows(
    conn: Connection, query: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    if rows:
        parameters = {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
        await conn.execute(QUERIES[query], parameters)
