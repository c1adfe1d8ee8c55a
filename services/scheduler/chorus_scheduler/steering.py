"""What a person does to an activity (`wishes`), and to everything: pause, resume."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection, Pool
from chorus_scheduler.challenges import tell_challenged
from chorus_scheduler.domain import reasons
from chorus_scheduler.ends import tell_ended
from chorus_scheduler.errors import (
    PauseConflict,
    PauseNotFound,
)
from chorus_scheduler.returning import Returning
from chorus_scheduler.store import decisions, pauses
from chorus_scheduler.store.rows import QUERIES
from chorus_scheduler.wishes import ActivityWishes, about_row


class Steering(ActivityWishes):
    """Each wish is one transaction with its decision and its event."""

    def __init__(self, *, pool: Pool, clock: Clock, parked_expires: timedelta) -> None:
        super().__init__(pool=pool, clock=clock)
        self._returning = Returning(pool=pool, clock=clock, parked_expires=parked_expires)

    async def pause(
        self, *, client_id: UUID | None, scope: str, scope_id: UUID | None, reason: str, actor: str
    ) -> dict[str, Any]:
        """Stop a scope, in force at once. Raises PauseConflict where it is stopped already."""
        async with self._pool.connection() as conn, conn.transaction():
            row = await pauses.start(
                conn,
                pause_id=new_id(),
                scope=scope,
                client_id=client_id,
                scope_id=scope_id,
                code="paused_by_person",
                reason=reason,
                evidence=None,
                actor=actor,
            )
            if row is None:
                raise PauseConflict("The same pause is in force already.")
        return row

    async def challenged(
        self, *, pause_id: UUID, client_id: UUID, account_id: UUID, reason: str
    ) -> None:
        """Pause an account after a challenge that a look met, and tell of it. One that is known,
        or one in force, stands and is told of already.
        """
        async with self._pool.connection() as conn, conn.transaction():
            row = await pauses.start(
                conn,
                pause_id=pause_id,
                scope="account",
                client_id=client_id,
                scope_id=account_id,
                code="challenge",
                reason=reason,
                evidence={"met_by": "look_up"},
                actor=decisions.SYSTEM,
            )
            if row is not None:
                await tell_challenged(conn, row)

    async def resume(self, *, pause_id: UUID, client_id: UUID | None, actor: str) -> dict[str, Any]:
        """End a pause, in force at once.

        What it parked is placed again, later by as long as it stood still; what stood too long is
        skipped, not caught up. The first batch now, the others by a sweep.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            row = await pauses.end(
                conn, pause_id=pause_id, client_id=client_id, actor=actor, now=now
            )
            if row is None:
                if await pauses.exists(conn, pause_id=pause_id, client_id=client_id):
                    raise PauseConflict("The pause has ended already.", pause_id)
                raise PauseNotFound
        done, left = await self._returning.first_batch(pause_id)
        return {
            **row,
            "scheduled_again": done.scheduled,
            "expired": done.expired,
            "still_parked": left,
        }

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        """Cancel what an account's owner no longer agrees to. Returns how many."""
        parameters = {"account_id": account_id, "client_id": client_id, "limit": 10_000}
        async with self._pool.connection() as conn, conn.transaction():
            cursor = await conn.execute(QUERIES.unagreed_of_account, parameters)
            rows = await cursor.fetchall()
            return await cancel_unagreed(conn, rows, now=self._clock.now(), actor=actor)


_ENDED = (reasons.CONSENT_REVOKED, reasons.MEMBER_INACTIVE)


async def cancel_unagreed(
    conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime, actor: str
) -> int:
    """Cancel what has no consent in force, or no active member. Returns how many."""
    gone = 0
    for why in _ENDED:
        ids = [row["id"] for row in rows if row["code"] == why.code]
        change = {"ids": ids, "code": why.code, "reason": why.sentence, "now": now, "actor": actor}
        cancelled = await (await conn.execute(QUERIES.cancel_unstarted, change)).fetchall()
        await tell_ended(conn, cancelled, now)
        told = [(about_row(row), why()) for row in cancelled]
        await decisions.record(conn, told, actor=actor)
        gone += len(cancelled)
    return gone
