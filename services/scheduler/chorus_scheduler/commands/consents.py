"""What an account's owner no longer agrees to is cancelled."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock
from chorus.postgres.pool import Connection
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import consents, decisions
from chorus_scheduler.store.consents import Unagreed

_ENDED = (reasons.CONSENT_REVOKED, reasons.MEMBER_INACTIVE)
_AT_ONCE = 10_000


async def recheck(
    conn: Connection, clock: Clock, *, client_id: UUID, account_id: UUID, actor: str
) -> int:
    """Cancel what an account's owner no longer agrees to. Returns how many."""
    found = await consents.unagreed_of_account(
        conn, client_id=client_id, account_id=account_id, limit=_AT_ONCE
    )
    return await cancel_unagreed(conn, found, now=clock.now(), actor=actor)


async def cancel_unagreed(
    conn: Connection, found: Sequence[Unagreed], *, now: datetime, actor: str
) -> int:
    """Cancel what has no consent in force, or no active member. Returns how many."""
    gone = 0
    for why in _ENDED:
        ids = [each.id for each in found if each.code == why.code]
        decision = why()
        cancelled = await consents.cancel(conn, ids, decision, actor=actor, now=now)
        await tell_unpublished(conn, cancelled, now)
        await decisions.record(conn, [(about(each), decision) for each in cancelled], actor=actor)
        gone += len(cancelled)
    return gone
