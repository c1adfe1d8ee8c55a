"""What an account's owner wants asked, or does by hand, waits for them: how it is stored and told.

The owner's word stands at the gateway. It is asked for when something is planned, when a person
commands, at hand-over and right before the call; here what is planned already follows it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock
from chorus.outbox.store import append
from chorus.postgres.pool import Connection
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.approval_modes import held_for_owner
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.messages import activity_scheduled
from chorus_scheduler.store import decisions, mode_enforcement

_AT_ONCE = 10_000


async def hold_for_owner(
    conn: Connection,
    left: Sequence[tuple[UUID, Decision]],
    *,
    now: datetime,
    actor: str = decisions.SYSTEM,
) -> int:
    """Have them wait for their people, each for the reason given. Returns how many do.

    What was handed over meanwhile is left alone: its executor asks before its call.
    """
    changed = await mode_enforcement.save(conn, left, now=now)
    why = dict(left)
    told = [(about(each), why[each.id]) for each in changed]
    await decisions.record(conn, told, actor=actor)
    await append(conn, "scheduler", [activity_scheduled(each, now) for each in changed])
    return len(changed)


async def enforce_modes(
    conn: Connection, clock: Clock, accounts: Sequence[UUID], *, actor: str, limit: int = _AT_ONCE
) -> int:
    """What is planned for these accounts follows their owners' words. Returns how many changed.

    Only ever less is left to Chorus by it: what waits for a person goes on waiting, whatever was
    allowed since.
    """
    found = await mode_enforcement.not_following(conn, accounts, limit=limit)
    left = [
        (each.id, why)
        for each in found
        if (why := held_for_owner(each.mode, owner_agreed=each.owner_agreed)) is not None
    ]
    return await hold_for_owner(conn, left, now=clock.now(), actor=actor)
