"""All that people command, each in one transaction: the face that the API and tests use."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from chorus.clock import Clock
from chorus.documents.absences import AbsencesApplied
from chorus.documents.activity_commands import (
    ActivityCommand,
    Approve,
    Cancel,
    Decide,
    DoneByHand,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus.documents.idleness import Idleness
from chorus.documents.limits import AccountLimits, RemoveLimit, SetLimit
from chorus.documents.queue_clearing import Cleared, ClearQueue
from chorus.postgres.pool import Connection, Pool
from chorus_scheduler.commands import (
    absences,
    approvals,
    by_hand,
    clearing,
    consents,
    idleness,
    limits,
    moves,
    pauses,
    texts,
)
from chorus_scheduler.commands.pauses import Resumption
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.pauses import Paused
from chorus_scheduler.rescheduling import Unparking

C = TypeVar("C", bound=ActivityCommand)


class Steering:
    """A command to one activity has the method of its name (`COMMANDS`)."""

    def __init__(self, *, pool: Pool, clock: Clock, parked_expires: timedelta) -> None:
        self._pool = pool
        self._clock = clock
        self._unparking = Unparking(pool=pool, clock=clock, parked_expires=parked_expires)

    async def approve(self, command: Approve) -> Activity:
        """See `approvals`."""
        return await self._carry_out(approvals.approve, command)

    async def reject(self, command: Reject) -> Activity:
        """See `approvals`."""
        return await self._carry_out(approvals.reject, command)

    async def cancel(self, command: Cancel) -> Activity:
        """See `moves`."""
        return await self._carry_out(moves.cancel, command)

    async def retry(self, command: Retry) -> Activity:
        """See `moves`."""
        return await self._carry_out(moves.retry, command)

    async def decide(self, command: Decide) -> Activity:
        """See `moves`."""
        return await self._carry_out(moves.decide, command)

    async def postpone(self, command: Postpone) -> Activity:
        """See `moves`."""
        return await self._carry_out(moves.postpone, command)

    async def done_by_hand(self, command: DoneByHand) -> Activity:
        """See `by_hand`."""
        return await self._carry_out(by_hand.done_by_hand, command)

    async def reword(self, command: Reword) -> Activity:
        """See `texts`."""
        return await self._carry_out(texts.reword, command)

    async def clear_queue(self, command: ClearQueue) -> Cleared:
        """See `clearing`."""
        if command.dry_run:
            return await clearing.count(self._pool, command)
        return await clearing.clear(self._pool, self._clock, command)

    async def pause(
        self,
        *,
        client_id: UUID | None,
        scope: str,
        scope_id: UUID | None,
        reason: str,
        actor: str,
        own: bool = False,
    ) -> Paused:
        """See `pauses`."""
        async with self._pool.connection() as conn, conn.transaction():
            return await pauses.pause(
                conn,
                client_id=client_id,
                scope=scope,
                scope_id=scope_id,
                reason=reason,
                actor=actor,
                own=own,
            )

    async def challenged(
        self, *, pause_id: UUID, client_id: UUID, account_id: UUID, reason: str
    ) -> None:
        """See `pauses`."""
        async with self._pool.connection() as conn, conn.transaction():
            await pauses.challenged(
                conn, pause_id=pause_id, client_id=client_id, account_id=account_id, reason=reason
            )

    async def resume(self, *, pause_id: UUID, client_id: UUID | None, actor: str) -> Resumption:
        """See `pauses`."""
        return await pauses.resume(
            self._pool,
            self._clock,
            self._unparking,
            pause_id=pause_id,
            client_id=client_id,
            actor=actor,
        )

    async def recheck(self, *, client_id: UUID, account_id: UUID, actor: str) -> int:
        """See `consents`."""
        async with self._pool.connection() as conn, conn.transaction():
            return await consents.recheck(
                conn, self._clock, client_id=client_id, account_id=account_id, actor=actor
            )

    async def absences_changed(
        self, *, client_id: UUID, account_id: UUID, actor: str
    ) -> AbsencesApplied:
        """See `absences`."""
        async with self._pool.connection() as conn, conn.transaction():
            return await absences.apply(
                conn, self._clock, client_id=client_id, account_id=account_id, actor=actor
            )

    async def limits(self, *, client_id: UUID, account_id: UUID) -> AccountLimits:
        """See `limits`."""
        async with self._pool.connection() as conn, conn.transaction():
            return await limits.show(conn, self._clock, client_id=client_id, account_id=account_id)

    async def why_idle(self, *, client_id: UUID, account_id: UUID) -> Idleness:
        """See `idleness`."""
        async with self._pool.connection() as conn, conn.transaction():
            return await idleness.why_idle(
                conn, self._clock, client_id=client_id, account_id=account_id
            )

    async def set_limit(self, command: SetLimit) -> None:
        """See `limits`."""
        async with self._pool.connection() as conn, conn.transaction():
            await limits.put(conn, self._clock, command)

    async def remove_limit(self, command: RemoveLimit) -> None:
        """See `limits`."""
        async with self._pool.connection() as conn, conn.transaction():
            await limits.remove(conn, command)

    async def _carry_out(
        self, carry_out: Callable[[Connection, Clock, C], Awaitable[Activity]], command: C
    ) -> Activity:
        async with self._pool.connection() as conn, conn.transaction():
            return await carry_out(conn, self._clock, command)
