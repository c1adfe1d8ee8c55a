"""Somebody, or a challenge, stops a scope; somebody lets it go on."""

from dataclasses import dataclass
from uuid import UUID

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection, Pool
from chorus_scheduler.challenges import tell_challenged
from chorus_scheduler.domain.pauses import Paused, Resumed
from chorus_scheduler.errors import PauseConflict, PauseNotFound
from chorus_scheduler.rescheduling import Unparking
from chorus_scheduler.store import pauses


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A pause that ended, and what came of what it had parked."""

    pause: Resumed
    scheduled_again: int
    expired: int
    still_parked: int
    """Left to the sweep."""


async def pause(
    conn: Connection,
    *,
    client_id: UUID | None,
    scope: str,
    scope_id: UUID | None,
    reason: str,
    actor: str,
    own: bool = False,
) -> Paused:
    """Stop a scope, in force at once. Raises PauseConflict where it is stopped so already.

    own: it is the account's owner who stops it, beside whatever others have stopped.
    """
    paused = await pauses.start(
        conn,
        pause_id=new_id(),
        scope=scope,
        client_id=client_id,
        scope_id=scope_id,
        reason=reason,
        actor=actor,
        own=own,
    )
    if paused is None:
        raise PauseConflict("The same pause is in force already.")
    return paused


async def challenged(
    conn: Connection, *, pause_id: UUID, client_id: UUID, account_id: UUID, reason: str
) -> None:
    """Pause an account after a challenge that a look met, and tell of it. One that is known,
    or one in force, stands and is told of already.
    """
    paused = await pauses.start_challenged(
        conn,
        pause_id=pause_id,
        client_id=client_id,
        account_id=account_id,
        reason=reason,
        evidence={"met_by": "look_up"},
    )
    if paused is not None:
        await tell_challenged(conn, paused)


async def resume(
    pool: Pool,
    clock: Clock,
    unparking: Unparking,
    *,
    pause_id: UUID,
    client_id: UUID | None,
    actor: str,
) -> Resumption:
    """End a pause, in force at once. Raises PauseNotFound, PauseConflict where it has ended.

    What it parked is placed again, later by as long as it stood still; what stood too long is
    skipped, not caught up. The first batch now, the others by a sweep.
    """
    now = clock.now()
    async with pool.connection() as conn, conn.transaction():
        resumed = await pauses.end(
            conn, pause_id=pause_id, client_id=client_id, actor=actor, now=now
        )
        if resumed is None:
            if await pauses.exists(conn, pause_id=pause_id, client_id=client_id):
                raise PauseConflict("The pause has ended already.", pause_id)
            raise PauseNotFound
    done, left = await unparking.first_batch(pause_id)
    return Resumption(
        pause=resumed, scheduled_again=done.scheduled, expired=done.expired, still_parked=left
    )
