"""What a person does to an activity or to everything: approve, reject, reword, cancel, retry,
decide; pause, resume.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection, Pool
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.ends import tell_ended
from chorus_scheduler.errors import (
    PauseConflict,
    PauseNotFound,
)
from chorus_scheduler.store import decisions, pauses
from chorus_scheduler.store.rows import QUERIES
from chorus_scheduler.wishes import ActivityWishes, Wish, about_row

__all__ = ["Steering", "Wish", "cancel_unagreed"]


class Steering(ActivityWishes):
    """Each wish is one transaction with its decision and its event."""

    def __init__(self, *, pool: Pool, clock: Clock, parked_expires: timedelta) -> None:
        super().__init__(pool=pool, clock=clock)
        self._parked_expires = parked_expires

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

    async def resume(self, *, pause_id: UUID, client_id: UUID | None, actor: str) -> dict[str, Any]:
        """End a pause.

        What it parked is scheduled again; what is too old is skipped, not caught up.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            row = await pauses.end(conn, pause_id=pause_id, client_id=client_id, actor=actor)
            if row is None:
                if await pauses.exists(conn, pause_id=pause_id, client_id=client_id):
                    raise PauseConflict("The pause has ended already.", pause_id)
                raise PauseNotFound
            oldest = now - self._parked_expires
            back, gone = await pauses.unpark(conn, pause_id, now=now, oldest=oldest)
            told = [(about_row(each), _RESUMED) for each in back]
            told += [(about_row(each), _EXPIRED) for each in gone]
            await decisions.record(conn, told, actor=actor)
            await conn.execute(QUERIES.wake)
        return {**row, "scheduled_again": len(back), "expired": len(gone)}

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        """Cancel what an account's owner no longer agrees to. Returns how many."""
        parameters = {"account_id": account_id, "client_id": client_id, "limit": 10_000}
        async with self._pool.connection() as conn, conn.transaction():
            cursor = await conn.execute(QUERIES.unagreed_of_account, parameters)
            rows = await cursor.fetchall()
            return await cancel_unagreed(conn, rows, now=self._clock.now(), actor=actor)


_RESUMED = Decision(code="resumed", sentence="The pause ended; the activity is scheduled again.")
_EXPIRED = Decision(
    code="expired_while_paused",
    sentence="Its time passed too long ago while it was paused; it is not caught up.",
)
_ENDED = {
    "consent_revoked": "The account's owner no longer agrees to this, so it will not happen.",
    "member_inactive": "The member or the pod is no longer active, so it will not happen.",
}


async def cancel_unagreed(
    conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime, actor: str
) -> int:
    """Cancel what has no consent in force, or no active member. Returns how many."""
    gone = 0
    for code, sentence in _ENDED.items():
        ids = [row["id"] for row in rows if row["code"] == code]
        change = {"ids": ids, "code": code, "reason": sentence, "now": now, "actor": actor}
        cancelled = await (await conn.execute(QUERIES.cancel_unstarted, change)).fetchall()
        await tell_ended(conn, cancelled, now)
        told = [(about_row(row), Decision(code=code, sentence=sentence)) for row in cancelled]
        await decisions.record(conn, told, actor=actor)
        gone += len(cancelled)
    return gone
