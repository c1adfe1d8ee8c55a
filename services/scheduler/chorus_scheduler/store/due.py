"""Due activities: claimed, handed over, put off, parked, ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Identity, Order, Report
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import account_scope
from chorus_scheduler.domain.handover import Due, Others, Pause
from chorus_scheduler.domain.instants import Micros, to_datetime
from chorus_scheduler.store.activities import orders_of, reports_of
from chorus_scheduler.store.rows import Row, as_json, instant

SQL = load("chorus_scheduler.store", "due.sql", parts="parts.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Identity):
    """A due activity that nobody else hands over meanwhile."""

    pod_id: UUID | None
    member_id: UUID | None
    platform: Platform
    lane: Lane
    state: State
    effect: Effect
    execution: int
    due_at: datetime
    reason: str
    target_social_id: str | None
    speaks: bool
    """A repost with words of its own."""
    owner_agreed: bool
    """Its account's owner said yes to it themselves."""
    suggested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDue:
    """When the first activity of a tenant is due in a lane."""

    lane: Lane
    client_id: UUID
    due_at: datetime


async def first_due(conn: Connection, lanes: Iterable[Lane]) -> list[FirstDue]:
    """Of each tenant that has something scheduled in one of the lanes."""
    cursor = await conn.execute(SQL.first_due, {"lanes": list(lanes)})
    return [
        FirstDue(lane=Lane(row["lane"]), client_id=row["client_id"], due_at=row["due_at"])
        for row in await cursor.fetchall()
    ]


async def claim(
    conn: Connection, lane: Lane, limits: Mapping[UUID, int], *, until: datetime
) -> list[Claimed]:
    """Lock what is due until then in a lane, of each tenant so many, its earliest first; tenants
    take turns in the answer. What another dispatcher holds is passed over.
    """
    parameters = {
        "lane": lane,
        "until": until,
        "tenants": list(limits.keys()),
        "limits": list(limits.values()),
    }
    rows = await (await conn.execute(SQL.claim_due, parameters)).fetchall()
    return [_claimed(row) for row in rows]


async def in_hand(conn: Connection) -> dict[Lane, dict[UUID, int]]:
    """How many of each lane and tenant are handed over and not heard of."""
    held: dict[Lane, dict[UUID, int]] = {lane: {} for lane in Lane}
    for row in await (await conn.execute(SQL.in_hand)).fetchall():
        held[Lane(row["lane"])][row["client_id"]] = int(row["n"])
    return held


async def others_of_targets(conn: Connection, batch: Iterable[Due]) -> dict[UUID, Others]:
    """What others of the same account, kind and target did. Ask it under the accounts' gates."""
    rows = [
        {"id": due.id, "account_id": due.account_id, "kind": due.kind, "target": due.target}
        for due in batch
        if due.one_effect is not None and not due.looks_only
    ]
    if not rows:
        return {}
    cursor = await conn.execute(SQL.others_of_target, {"rows": as_json(rows)})
    return {
        row["id"]: Others.ACTED if row["acted"] else Others.MAY_ACT
        for row in await cursor.fetchall()
    }


async def hand_over(
    conn: Connection,
    handed: Sequence[tuple[Due, Micros]],
    *,
    now: datetime,
    lease: timedelta,
) -> list[Order]:
    """Mark as handed over, each with the instant until which its call may be made. The silenced
    lose their text.
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
    return orders_of(await (await conn.execute(SQL.hand_over, parameters)).fetchall())


async def put_off(
    conn: Connection, entries: Sequence[tuple[Due, Micros, Decision]], *, now: datetime
) -> None:
    """Move to a later instant."""
    rows = [
        {"id": due.id, "due_at": instant(at), "code": decision.code, "reason": decision.sentence}
        for due, at, decision in entries
    ]
    if rows:
        await conn.execute(SQL.put_off, _for_rows(rows, now))


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
    cursor = await conn.execute(SQL.park, parameters)
    return {row["id"] for row in await cursor.fetchall()}


async def end(
    conn: Connection, entries: Sequence[tuple[Due, State, Decision]], *, now: datetime
) -> list[Report]:
    """End what was never handed over, or had no effect."""
    rows = [
        {"id": due.id, "state": state, "code": decision.code, "reason": decision.sentence}
        for due, state, decision in entries
    ]
    if not rows:
        return []
    cursor = await conn.execute(SQL.end_unstarted, _for_rows(rows, now))
    return reports_of(await cursor.fetchall())


def _claimed(row: Row) -> Claimed:
    return Claimed(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        member_id=row["member_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
        lane=Lane(row["lane"]),
        state=State(row["state"]),
        effect=Effect(row["effect"]),
        execution=row["execution"],
        due_at=row["due_at"],
        reason=row["reason"],
        target_social_id=row["target_social_id"],
        speaks=row["speaks"],
        owner_agreed=row["owner_agreed"],
        suggested=row["suggested"],
        correlation_id=row["correlation_id"],
    )


def _for_rows(rows: Sequence[Row], now: datetime) -> Row:
    return {"rows": as_json(rows), "ids": [row["id"] for row in rows], "now": now}
