"""Somebody asks why an account does nothing (B6)."""

from uuid import UUID

from chorus.clock import Clock
from chorus.documents.idleness import Idleness, Obstacle, Planned
from chorus.postgres.pool import Connection
from chorus_scheduler.commands import limits
from chorus_scheduler.domain.idleness import Facts, Hindrance, NextAct, hindrances
from chorus_scheduler.domain.instants import to_datetime, to_micros
from chorus_scheduler.errors import AccountNotFound
from chorus_scheduler.store import accounts, activities, pauses


async def why_idle(
    conn: Connection, clock: Clock, *, client_id: UUID, account_id: UUID
) -> Idleness:
    """All that stands in its way, the weightiest first. Raises AccountNotFound."""
    account = await accounts.find(conn, client_id=client_id, account_id=account_id)
    standing = (await accounts.standings(conn, [account_id])).get(account_id)
    if account is None or standing is None:
        raise AccountNotFound
    now = to_micros(clock.now())
    allowed = await limits.allowed_now(conn, now, client_id=client_id, account_id=account_id)
    pods = await accounts.pods_of(conn, account_id)
    plan = await activities.plan_of_account(conn, account_id)
    held = [
        pause
        for pause in await pauses.in_force(conn)
        if pause.holds(client_id, (account_id, *pods))
    ]
    facts = Facts(
        name=account.name,
        connected=standing.connected,
        consented=standing.consented,
        pauses=held,
        pods=list(pods.values()),
        hours=standing.hours,
        closed_until=allowed.closed_until,
        allowed=allowed.kinds,
        waiting=plan.waiting,
        next_act=plan.next_act,
    )
    return Idleness(
        account_id=account_id,
        next_act=_planned(plan.next_act),
        obstacles=tuple(_obstacle(each) for each in hindrances(facts, now)),
    )


def _planned(act: NextAct | None) -> Planned | None:
    if act is None:
        return None
    return Planned(activity_id=act.activity_id, kind=act.kind, due_at=to_datetime(act.due_at))


def _obstacle(hindrance: Hindrance) -> Obstacle:
    decision = hindrance.decision
    until = decision.next_possible_at
    return Obstacle(
        code=decision.code,
        sentence=decision.sentence,
        kind=hindrance.kind,
        until=None if until is None else to_datetime(until),
    )
