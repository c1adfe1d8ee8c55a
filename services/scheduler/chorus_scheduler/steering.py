"""What a person does to an activity or to everything: approve, reject, reword, cancel, retry,
pause, resume.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chorus import tracing
from chorus.clock import Clock
from chorus.events import ActivityScheduled
from chorus.ids import new_id
from chorus.kafka.envelope import Outgoing, encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import Kind, State
from chorus_scheduler.commands import SOURCE
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.states import may_move
from chorus_scheduler.errors import (
    ActivityNotFound,
    ConsentMissing,
    MoveNotAllowed,
    PauseConflict,
    PauseNotFound,
    TextNeeded,
    TextNotAllowed,
)
from chorus_scheduler.store import decisions, pauses
from chorus_scheduler.store.rows import QUERIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A person's wish for one activity."""

    client_id: UUID
    activity_id: UUID
    actor: str
    reason: str = ""
    text: str | None = None


class Steering:
    """Each wish is one transaction with its decision and its event."""

    def __init__(self, *, pool: Pool, clock: Clock, parked_expires: timedelta) -> None:
        self._pool = pool
        self._clock = clock
        self._parked_expires = parked_expires

    async def approve(self, wish: Wish) -> dict[str, Any]:
        """A waiting activity may go out, with the text as it is or as edited."""
        edited = " The text was edited." if wish.text is not None else ""
        decision = Decision(code="approved", sentence=f"Approved by a person.{edited}")
        allowed = (State.AWAITING_APPROVAL,)
        return await self._change(wish, "approved", allowed, State.SCHEDULED, decision)

    async def reject(self, wish: Wish) -> dict[str, Any]:
        """A waiting activity shall not go out."""
        decision = Decision(code="rejected", sentence=f"Rejected by a person: {wish.reason}")
        allowed = (State.AWAITING_APPROVAL,)
        return await self._change(wish, "rejected", allowed, State.CANCELLED, decision)

    async def cancel(self, wish: Wish) -> dict[str, Any]:
        """What has not happened yet shall not happen.

        A call that is out already cannot be taken back.
        """
        decision = Decision(code="cancelled", sentence=f"Cancelled by a person: {wish.reason}")
        allowed = (State.AWAITING_APPROVAL, State.SCHEDULED, State.DISPATCHED, State.FAILED)
        return await self._change(wish, "cancelled", allowed, State.CANCELLED, decision)

    async def retry(self, wish: Wish) -> dict[str, Any]:
        """A failed, skipped or cancelled activity is tried afresh; an unknown one is looked for
        first.
        """
        decision = Decision(
            code="retried_by_person", sentence=f"Put back by a person: {wish.reason}"
        )
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish)
            state = State(row["state"])
            if state not in (State.FAILED, State.UNKNOWN, State.SKIPPED):
                raise MoveNotAllowed("retried", state)
            wanted = State.UNKNOWN if state is State.UNKNOWN else State.SCHEDULED
            return await self._save(conn, wish, row, wanted, decision, attempt=1)

    async def reword(self, wish: Wish) -> dict[str, Any]:
        """Another text, or none, for what is not handed over yet.

        The row is locked: what the dispatcher has claimed meanwhile is refused, and what is
        changed here goes out as changed.
        """
        decision = _EDITED if wish.text is not None else _DROPPED
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish)
            await _require_speaker(conn, row, wish)
            state = State(row["state"])
            if state not in (State.AWAITING_APPROVAL, State.SCHEDULED):
                raise MoveNotAllowed("given another text", state)
            now = self._clock.now()
            parameters = {"id": wish.activity_id, "text": wish.text, "now": now}
            changed = await (await conn.execute(QUERIES.change_text, parameters)).fetchone()
            if changed is None:
                raise ActivityNotFound
            if wish.text != row["draft_text"]:
                await decisions.record(conn, [(_about(changed), decision)], actor=wish.actor)
                await append(conn, "scheduler", [encode_scheduled(changed, now)])
        return changed

    async def _change(
        self, wish: Wish, word: str, allowed: Sequence[State], wanted: State, decision: Decision
    ) -> dict[str, Any]:
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish)
            state = State(row["state"])
            if state not in allowed or not may_move(state, wanted):
                raise MoveNotAllowed(word, state)
            if wish.text is not None:
                await _require_speaker(conn, row, wish)
            return await self._save(conn, wish, row, wanted, decision)

    async def _lock(self, conn: Connection, wish: Wish) -> dict[str, Any]:
        cursor = await conn.execute(QUERIES.lock_activities, {"ids": [wish.activity_id]})
        row = await cursor.fetchone()
        if row is None or row["client_id"] != wish.client_id:
            raise ActivityNotFound
        return row

    async def _save(
        self,
        conn: Connection,
        wish: Wish,
        row: dict[str, Any],
        wanted: State,
        decision: Decision,
        *,
        attempt: int | None = None,
    ) -> dict[str, Any]:
        now = self._clock.now()
        again = wanted in (State.SCHEDULED, State.UNKNOWN)
        parameters = {
            "id": wish.activity_id,
            "state": wanted,
            "code": decision.code,
            "reason": decision.sentence,
            "due_at": max(now, row["scheduled_for"]) if again else None,
            "text": wish.text,
            "attempt": attempt,
            "now": now,
        }
        changed = await (await conn.execute(QUERIES.change_one, parameters)).fetchone()
        if changed is None:
            raise ActivityNotFound
        about = _about(changed)
        await decisions.record(conn, [(about, decision)], actor=wish.actor)
        await append(conn, "scheduler", [encode_scheduled(changed, now)])
        await conn.execute(QUERIES.wake)
        return changed

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
            told = [(_about(each), _RESUMED) for each in back]
            told += [(_about(each), _EXPIRED) for each in gone]
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


_EDITED = Decision(code="text_edited", sentence="A person changed what it will say.")
_DROPPED = Decision(
    code="text_dropped", sentence="A person dropped the text: it will be an instant repost."
)


async def _require_speaker(conn: Connection, row: dict[str, Any], wish: Wish) -> None:
    """Whether the activity may have this text, or none."""
    kind = Kind(row["kind"])
    if kind not in (Kind.COMMENT, Kind.REPOST):
        raise TextNotAllowed(kind)
    if kind is Kind.COMMENT and wish.text is None:
        raise TextNeeded
    if kind is Kind.REPOST and wish.text is not None:
        named = {"account_id": row["account_id"], "client_id": row["client_id"]}
        account = await (await conn.execute(QUERIES.find_account, named)).fetchone()
        if account is None or Kind.COMMENT not in account["consented_kinds"]:
            raise ConsentMissing


async def cancel_unagreed(
    conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime, actor: str
) -> int:
    """Cancel what has no consent in force, or no active member. Returns how many."""
    gone = 0
    for code, sentence in _ENDED.items():
        ids = [row["id"] for row in rows if row["code"] == code]
        change = {"ids": ids, "code": code, "reason": sentence, "now": now}
        cancelled = await (await conn.execute(QUERIES.cancel_unstarted, change)).fetchall()
        told = [(_about(row), Decision(code=code, sentence=sentence)) for row in cancelled]
        await decisions.record(conn, told, actor=actor)
        gone += len(cancelled)
    return gone


def encode_scheduled(row: dict[str, Any], now: datetime) -> Outgoing:
    """The row as `activity.scheduled`."""
    event = ActivityScheduled(
        client_id=row["client_id"],
        activity_id=row["id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        lane=row["lane"],
        state=row["state"],
        scheduled_for=row["due_at"],
        reason_code=row["reason_code"],
        reason=row["reason"],
        correlation_id=row["correlation_id"],
    )
    return encode(event, source=SOURCE, time=now, traceparent=tracing.current.get())


def _about(row: dict[str, Any]) -> About:
    return About(
        client_id=row["client_id"],
        activity_id=row["id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        correlation_id=row["correlation_id"],
    )
