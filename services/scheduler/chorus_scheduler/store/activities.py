"""One activity under its row's lock: read, changed by a person's word, given another text."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Lane, Mode, Platform, State
from chorus_scheduler.domain.activity import Activity, Order, Report
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.idleness import NextAct
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.store.rows import Row, as_json

SQL = load("chorus_scheduler.store", "activities.sql", parts="parts.sql")


async def lock(conn: Connection, activity_id: UUID) -> Activity | None:
    """One activity, locked until the end of the transaction."""
    row = await (await conn.execute(SQL.lock_activity, {"id": activity_id})).fetchone()
    return None if row is None else activity_of(row)


async def save(
    conn: Connection, activity: Activity, change: Change, *, actor: str, now: datetime
) -> Activity:
    """Store the change of an activity that was locked in this transaction."""
    parameters = {
        "id": activity.id,
        "state": change.state,
        "effect": change.effect,
        "code": change.decision.code,
        "reason": change.decision.sentence,
        "stop": change.stop,
        "approval": change.approval,
        "by_owner": change.by_owner,
        "suggested": change.suggested,
        "by_hand": change.by_hand,
        "approval_expires_at": change.approval_expires_at,
        "due_at": change.due_at,
        "text": change.text,
        "attempt": change.attempt,
        "needs_person": change.needs_person,
        "denied": None if change.denied is None else sorted(change.denied),
        "executed_at": change.executed_at,
        "result": None if change.result is None else as_json([change.result])[1:-1],
        "actor": actor,
        "now": now,
    }
    return await _changed(conn, SQL.change_one, parameters)


async def say(conn: Connection, activity: Activity, text: str | None, *, now: datetime) -> Activity:
    """Give an activity that was locked in this transaction another text, or none: a person's."""
    return await _changed(conn, SQL.change_text, {"id": activity.id, "text": text, "now": now})


async def expire_approvals(
    conn: Connection, why: Decision, *, by_hand: Decision, now: datetime, limit: int
) -> list[Report]:
    """Skip what nobody approved in time, and, with a reason of its own (`by_hand`), what nobody
    did by hand.
    """
    asked = {
        "now": now,
        "limit": limit,
        "code": why.code,
        "sentence": why.sentence,
        "hand_code": by_hand.code,
        "hand_sentence": by_hand.sentence,
    }
    return reports_of(await (await conn.execute(SQL.expire_approvals, asked)).fetchall())


async def remind_of_approvals(
    conn: Connection, *, now: datetime, share: float, least: timedelta, limit: int
) -> list[Activity]:
    """Mark what soon ends without a yes as reminded of; each is answered once.

    share: of its time for a yes so much is left, and at least `least`.
    """
    asked = {"now": now, "share": share, "least": least, "limit": limit}
    cursor = await conn.execute(SQL.remind_of_approvals, asked)
    return [activity_of(row) for row in await cursor.fetchall()]


async def wake(conn: Connection) -> None:
    """Something may be due earlier: the dispatchers look again once this is committed."""
    await conn.execute(SQL.wake)


def activity_of(row: Row) -> Activity:
    """A row with all columns that an `Activity` has."""
    return Activity(
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
        mode=Mode(row["mode"]),
        effect=Effect(row["effect"]),
        execution=row["execution"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        unheard=frozenset(row["unheard"]),
        scheduled_for=row["scheduled_for"],
        due_at=row["due_at"],
        text=row["draft_text"],
        voice=row["voice"],
        reason_code=row["reason_code"],
        reason=row["reason"],
        approval=row["approval"],
        approval_expires_at=row["approval_expires_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        owner_agreed=row["owner_agreed"],
        suggested=row["suggested"],
        stopped_by=row["stopped_by"],
        stopped_at=row["stopped_at"],
        stop_code=row["stop_code"],
        needs_person=row["needs_person"],
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )


def reports_of(rows: Sequence[Row]) -> list[Report]:
    """Rows with the columns that a `Report` has, as every statement gives back that may end one."""
    return [report_of(row) for row in rows]


def report_of(row: Row) -> Report:
    """See `reports_of`."""
    return Report(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        reason=row["reason"],
        unheard=frozenset(row["unheard"]),
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )


def orders_of(rows: Sequence[Row]) -> list[Order]:
    """Rows with the columns that an `Order` has, as every statement gives back that hands over."""
    return [order_of(row) for row in rows]


def order_of(row: Row) -> Order:
    """See `orders_of`."""
    return Order(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        provider_account_id=row["provider_account_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
        lane=Lane(row["lane"]),
        mode=Mode(row["mode"]),
        execution=row["execution"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        target_url=row["target_url"],
        target_social_id=row["target_social_id"],
        text=row["draft_text"],
        voice=row["voice"],
        cartridge_id=row["cartridge_id"],
        reaction=row["reaction"],
        due_at=row["due_at"],
        acts_until=row["acts_until"],
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )


async def _changed(conn: Connection, query: str, parameters: Row) -> Activity:
    row = await (await conn.execute(query, parameters)).fetchone()
    if row is None:
        raise LookupError(f"{parameters['id']} is locked, and gone")
    return activity_of(row)


class AccountPlan(NamedTuple):
    """What an account is to do."""

    next_act: NextAct | None
    waiting: int


async def plan_of_account(conn: Connection, account_id: UUID) -> AccountPlan:
    """What comes next, and how many wait for a yes."""
    cursor = await conn.execute(SQL.plan_of_account, {"account_id": account_id})
    (row,) = await cursor.fetchall()
    if row["id"] is None:
        return AccountPlan(None, row["waiting"])
    planned = NextAct(row["id"], Kind(row["kind"]), to_micros(row["due_at"]))
    return AccountPlan(planned, row["waiting"])
