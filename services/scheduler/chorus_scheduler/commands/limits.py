"""Somebody looks at an account's limits, or sets others (I3). Who may is the gateway's to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus.clock import Clock
from chorus.documents.limits import (
    AccountLimits,
    Allowance,
    Amounts,
    KindAllowance,
    RemoveLimit,
    SetLimit,
    Source,
)
from chorus.postgres.pool import Connection
from chorus.vocabulary import Platform
from chorus_scheduler.domain.allowances import Allowed, KindAllowed, allowed, warm_up_ends
from chorus_scheduler.domain.gates import Gate, account_scope
from chorus_scheduler.domain.instants import DAY, SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.limits import RateLimit, account_rule, warm_up_share
from chorus_scheduler.errors import AccountNotFound, LimitChanged
from chorus_scheduler.store import accounts, gates, limits


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedNow:
    """What an account may do now, kind by kind."""

    platform: Platform
    age_days: float
    warms_from: Micros
    closed_until: Micros
    kinds: Sequence[KindAllowed]


async def show(
    conn: Connection, clock: Clock, *, client_id: UUID, account_id: UUID
) -> AccountLimits:
    """Each kind's limits, used and left. Raises AccountNotFound."""
    now = to_micros(clock.now())
    found = await allowed_now(conn, now, client_id=client_id, account_id=account_id)
    ends = warm_up_ends(found.warms_from, now)
    closed = found.closed_until
    return AccountLimits(
        account_id=account_id,
        platform=found.platform,
        warm_up_share=warm_up_share(found.age_days),
        warm_up_ends_at=None if ends is None else to_datetime(ends),
        closed_until=to_datetime(closed) if closed > now else None,
        kinds=tuple(_kind(kind) for kind in found.kinds),
    )


async def allowed_now(
    conn: Connection, now: Micros, *, client_id: UUID, account_id: UUID
) -> AllowedNow:
    """As the hand-over would count it. Raises AccountNotFound."""
    account = await accounts.limited(conn, client_id=client_id, account_id=account_id)
    if account is None:
        raise AccountNotFound
    since = to_micros(account.warms_from)
    age = (now - since) / DAY
    found = (await limits.rate_limits(conn)).of_platform(client_id, account_id, account.platform)
    rules = [account_rule(row, account_id, age) for row in found]
    own = account_scope(account_id)
    read = await gates.read(conn, [own, *(rule.scope for rule in rules)])
    closed = read.get(own, Gate(scope=own)).closed_until or 0
    kinds = [
        allowed(row, rule, read.get(rule.scope, Gate(scope=rule.scope)), closed, now)
        for row, rule in zip(found, rules, strict=True)
    ]
    return AllowedNow(
        platform=account.platform,
        age_days=age,
        warms_from=since,
        closed_until=closed,
        kinds=kinds,
    )


async def put(conn: Connection, clock: Clock, command: SetLimit) -> None:
    """In force within two seconds. Raises LimitChanged."""
    if not await limits.put(conn, command, now=clock.now()):
        raise LimitChanged


async def remove(conn: Connection, command: RemoveLimit) -> None:
    """Raises LimitChanged where it is another, or none."""
    if not await limits.remove(conn, command):
        raise LimitChanged


def _kind(kind: KindAllowed) -> KindAllowance:
    row = kind.row
    return KindAllowance(
        kind=kind.kind,
        source=_source(row),
        amounts=Amounts(
            per_hour=row.per_hour, per_day=row.per_day, cooldown_seconds=row.cooldown / SECOND
        ),
        limits=tuple(_allowance(each) for each in kind.limits),
        next_free_at=to_datetime(kind.next_free),
    )


def _source(row: RateLimit) -> Source:
    if row.account_id is not None:
        return "account"
    return "default" if row.client_id is None else "tenant"


def _allowance(each: Allowed) -> Allowance:
    return Allowance(
        name=each.limit.name,
        count=each.limit.count,
        window_seconds=each.limit.window / SECOND,
        used=each.used,
        left=each.left,
        next_free_at=to_datetime(each.next_free),
    )
