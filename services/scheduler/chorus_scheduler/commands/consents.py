"""What an account's owner no longer agrees to is cancelled; whose member takes no part is held."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock
from chorus.postgres.pool import Connection
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.participation import hold, refusal
from chorus_scheduler.mode_enforcement import enforce_modes
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import accounts, consents, decisions, held
from chorus_scheduler.store.consents import Unagreed

_AT_ONCE = 10_000


async def recheck(
    conn: Connection, clock: Clock, *, client_id: UUID, account_id: UUID, actor: str
) -> int:
    """Cancel, or hold, what of an account shall not happen. What its owner wants asked, or does
    by hand, waits for them. Returns how many were cancelled.
    """
    found = await consents.unagreed_of_account(
        conn, client_id=client_id, account_id=account_id, limit=_AT_ONCE
    )
    cancelled = await call_off(conn, found, now=clock.now(), actor=actor)
    if await accounts.find(conn, client_id=client_id, account_id=account_id) is not None:
        await enforce_modes(conn, clock, [account_id], actor=actor)
    return cancelled


async def call_off(
    conn: Connection, found: Sequence[Unagreed], *, now: datetime, actor: str
) -> int:
    """Cancel what has no consent in force, or whose member left for good; hold what a member was
    to do who takes no part for now. Returns how many were cancelled.
    """
    ends: dict[Decision, list[UUID]] = defaultdict(list)
    holds: list[tuple[UUID, Decision]] = []
    for each in found:
        no = _refused(each)
        wait = hold(each.kind, each.participation)
        if no is not None:
            ends[no].append(each.id)
        elif wait is not None:
            holds.append((each.id, wait))
    gone = 0
    for why, ids in ends.items():
        cancelled = await consents.cancel(conn, ids, why, actor=actor, now=now)
        await tell_unpublished(conn, cancelled, now)
        await decisions.record(conn, [(about(each), why) for each in cancelled], actor=actor)
        gone += len(cancelled)
    stopped = await held.hold(conn, holds, now=now)
    told = [(about(stopped[each]), why) for each, why in holds if each in stopped]
    await decisions.record(conn, told, actor=actor)
    return gone


def _refused(each: Unagreed) -> Decision | None:
    return refusal(each.kind, each.participation) if each.consented else reasons.CONSENT_REVOKED()
