"""What a person does to one activity: approve, reject, reword, cancel, retry, decide."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chorus import texts
from chorus.clock import Clock
from chorus.documents.activity_commands import (
    ActivityCommand,
    Approve,
    Cancel,
    Decide,
    Postpone,
    Reject,
    Retry,
    Reword,
)
from chorus.events import ActivityScheduled
from chorus.kafka.envelope import Outgoing, encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import tracing
from chorus.vocabulary import Kind, Platform, State
from chorus_scheduler.commands import SOURCE
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.instants import to_datetime, to_micros
from chorus_scheduler.domain.participation import refusal
from chorus_scheduler.domain.placement import NoPlace
from chorus_scheduler.ends import tell_ended
from chorus_scheduler.errors import (
    ActivityNotFound,
    ConsentMissing,
    MoveNotAllowed,
    NoPlaceLeft,
    NotTakingPart,
    TextChanged,
    TextNeeded,
    TextNotAllowed,
    VoicePending,
)
from chorus_scheduler.store import changes, decisions, due, placing
from chorus_scheduler.store.changes import Change
from chorus_scheduler.store.placing import Moving
from chorus_scheduler.store.rows import QUERIES


class ActivityWishes:
    """Each wish is one transaction with its decision and its event."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def approve(self, wish: Approve) -> dict[str, Any]:
        """A waiting activity may go out, with the text as it is or as edited.

        The yes names the words that were read: they are compared under the row's lock. Raises
        TextChanged where others stand there, NotTakingPart where its member would not do it any
        more.
        """
        edited = " The text was edited." if wish.text is not None else ""
        by = "with an API key" if wish.actor.startswith("key:") else "by a person"
        decision = reasons.APPROVED(by=by, edited=edited)
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "approved", State.AWAITING_APPROVAL)
            if wish.text is not None:
                await _require_speaker(conn, row, wish)
            elif row["voice"] == "pending":
                raise VoicePending
            _require_read(row, wish)
            await _require_part(conn, row)
            change = Change(
                state=State.SCHEDULED,
                decision=decision,
                approval="given",
                due_at=max(self._clock.now(), row["scheduled_for"]),
                text=wish.text,
            )
            return await self._save(conn, wish, row, change)

    async def reject(self, wish: Reject) -> dict[str, Any]:
        """A waiting activity shall not go out."""
        decision = reasons.REJECTED(why=wish.reason)
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "rejected", State.AWAITING_APPROVAL)
            change = Change(state=State.CANCELLED, decision=decision, stop=True)
            return await self._save(conn, wish, row, change)

    async def cancel(self, wish: Cancel) -> dict[str, Any]:
        """What has not happened yet shall not happen.

        A call that is out already cannot be taken back: what comes of it is told. What may have
        happened is looked for as before, and not done again where it is not there.
        """
        decision = reasons.CANCELLED(why=wish.reason)
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "cancelled", *_CANCELLABLE)
            may_exist = row["effect"] == Effect.POSSIBLE
            state = State(row["state"]) if may_exist else State.CANCELLED
            kept = bool(row["needs_person"]) if may_exist else False
            change = Change(state=state, decision=decision, stop=True, needs_person=kept)
            return await self._save(conn, wish, row, change)

    async def retry(self, wish: Retry) -> dict[str, Any]:
        """What ended without an effect is tried afresh; an unknown one is looked for first.

        Who said no to what is unknown takes that back by it, and nobody else does. It is no yes:
        what nobody approved waits for approval again.
        """
        decision = reasons.RETRIED(why=wish.reason)
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "retried", *_RETRIABLE)
            now = self._clock.now()
            state = State.SCHEDULED
            if row["effect"] == Effect.POSSIBLE:
                state = State.UNKNOWN
            elif row["approval"] == "waiting":
                state = State.AWAITING_APPROVAL
            change = Change(
                state=state,
                decision=decision,
                stop=False if row["stopped_by"] in {None, wish.actor} else None,
                due_at=max(now, row["scheduled_for"]),
                attempt=1,
                approval_expires_at=_approval_ends(row, now),
            )
            return await self._save(conn, wish, row, change)

    async def decide(self, wish: Decide) -> dict[str, Any]:
        """A person looked at what nobody could tell of: it is there, or it is not.

        What is not there is done once more, unless somebody had said no meanwhile.
        """
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "decided", State.UNKNOWN)
            change = _there(row, wish, self._clock.now())
            if not wish.happened:
                change = _not_there(row, wish, self._clock.now())
            return await self._save(conn, wish, row, change)

    async def reword(self, wish: Reword) -> dict[str, Any]:
        """Another text, or none, for what is not handed over yet.

        The row is locked: what the dispatcher has claimed meanwhile is refused, and what is
        changed here goes out as changed. A yes was for the words of then: to the words of somebody
        else it has to be said again.
        """
        edited = wish.text is not None
        decision = reasons.TEXT_EDITED() if edited else reasons.TEXT_DROPPED()
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._find(conn, wish)
            await _require_speaker(conn, row, wish)
            state = State(row["state"])
            if state not in (State.AWAITING_APPROVAL, State.SCHEDULED):
                raise MoveNotAllowed("given another text", state)
            now = self._clock.now()
            parameters = {"id": wish.activity_id, "text": wish.text, "now": now}
            changed = await (await conn.execute(QUERIES.change_text, parameters)).fetchone()
            if changed is None:
                raise ActivityNotFound
            if wish.text == row["draft_text"]:
                return changed
            await decisions.record(conn, [(about_row(changed), decision)], actor=wish.actor)
            if row["approval"] == "given" and row["approved_by"] != wish.actor:
                return await self._save(conn, wish, row, _asked_again(row, now))
            await append(conn, "scheduler", [encode_scheduled(changed, now)])
        return changed

    async def postpone(self, wish: Postpone) -> dict[str, Any]:
        """Not before then: what is planned, or waits for a yes, has another place from there on.

        Nothing comes earlier by it: a time before its own leaves it where it is.
        """
        decision = reasons.POSTPONED(why=wish.reason)
        async with self._pool.connection() as conn, conn.transaction():
            row = await self._lock(conn, wish, "postponed", *_POSTPONABLE)
            at = max(self._clock.now(), row["scheduled_for"], row["due_at"], wish.until)
            expires = row["approval_expires_at"]
            change = Change(
                state=State(row["state"]),
                decision=decision,
                due_at=at,
                approval_expires_at=expires and expires + (at - row["scheduled_for"]),
            )
            return await self._save(conn, wish, row, change)

    async def _find(self, conn: Connection, wish: ActivityCommand) -> dict[str, Any]:
        cursor = await conn.execute(QUERIES.lock_activities, {"ids": [wish.activity_id]})
        row = await cursor.fetchone()
        if row is None or row["client_id"] != wish.client_id:
            raise ActivityNotFound
        return row

    async def _lock(
        self, conn: Connection, wish: ActivityCommand, word: str, *allowed: State
    ) -> dict[str, Any]:
        row = await self._find(conn, wish)
        state = State(row["state"])
        if state not in allowed:
            raise MoveNotAllowed(word, state)
        return row

    async def _save(
        self, conn: Connection, wish: ActivityCommand, row: dict[str, Any], change: Change
    ) -> dict[str, Any]:
        now = self._clock.now()
        if change.state is State.SCHEDULED and change.due_at is not None:
            change = replace(change, due_at=await _place(conn, row, change.due_at, now))
        changed = await changes.save(conn, row, change, actor=wish.actor, now=now)
        await decisions.record(conn, [(about_row(changed), change.decision)], actor=wish.actor)
        await append(conn, "scheduler", [encode_scheduled(changed, now)])
        await tell_ended(conn, [changed], now)
        await conn.execute(QUERIES.wake)
        return changed


_CANCELLABLE = (
    State.AWAITING_APPROVAL,
    State.SCHEDULED,
    State.DISPATCHED,
    State.UNKNOWN,
    State.FAILED,
)
_POSTPONABLE = (State.AWAITING_APPROVAL, State.SCHEDULED)
_APPROVAL_LIFE = timedelta(hours=48)
_RETRIABLE = (State.FAILED, State.UNKNOWN, State.SKIPPED)


async def _place(
    conn: Connection, row: dict[str, Any], wished: datetime, now: datetime
) -> datetime:
    """Where it fits in, among its account's limits and hours and what is planned (invariant 8).

    Raises NoPlaceLeft.
    """
    moving = Moving(
        id=row["id"],
        client_id=row["client_id"],
        post_id=row["post_id"],
        pod_id=row["pod_id"],
        account_id=row["account_id"],
        platform=Platform(row["platform"]),
        kind=Kind(row["kind"]),
    )
    places = await placing.load(conn, [moving], now=now)
    late = row["scheduled_for"] < now
    found = places.place(moving.id, to_micros(wished), late=late)
    if isinstance(found, NoPlace):
        raise NoPlaceLeft(found.decision.sentence)
    return to_datetime(found.at)


def _approval_ends(row: dict[str, Any], now: datetime) -> datetime | None:
    """As long after its new time as it was after the old one."""
    if row["approval"] != "waiting" or row["approval_expires_at"] is None:
        return None
    patience = row["approval_expires_at"] - row["scheduled_for"]
    again: datetime = max(now, row["scheduled_for"]) + patience
    return again


def _asked_again(row: dict[str, Any], now: datetime) -> Change:
    return Change(
        state=State.AWAITING_APPROVAL,
        decision=reasons.ASKED_AGAIN(),
        approval="waiting",
        approval_expires_at=max(now, row["scheduled_for"]) + _APPROVAL_LIFE,
    )


def _there(row: dict[str, Any], wish: Decide, now: datetime) -> Change:
    return Change(
        state=State.EXECUTED,
        effect=Effect.SEEN,
        decision=reasons.DECIDED_HAPPENED(why=wish.reason),
        executed_at=min(now, row["scheduled_for"]),
        result={"decided_by": wish.actor, "reason": wish.reason, "decided_at": now.isoformat()},
    )


def _not_there(row: dict[str, Any], wish: Decide, now: datetime) -> Change:
    if row["stopped"]:
        decision = reasons.DECIDED_ABSENT_AND_STOPPED(why=wish.reason)
        return Change(state=State.CANCELLED, effect=Effect.NONE, decision=decision)
    decision = reasons.DECIDED_ABSENT(why=wish.reason)
    return Change(
        state=State.SCHEDULED,
        effect=Effect.NONE,
        decision=decision,
        due_at=max(now, row["scheduled_for"]),
        attempt=min(row["attempt"] + 1, row["max_attempts"]),
    )


async def _require_part(conn: Connection, row: dict[str, Any]) -> None:
    """Whether its member, and its account's owner, would still have it done."""
    kind = Kind(row["kind"])
    accounts = await due.accounts(conn, [row["account_id"]])
    members = await due.participation(conn, [row["member_id"]] if row["member_id"] else [])
    account = accounts.get(row["account_id"])
    if account is None or kind not in account.consented:
        raise NotTakingPart(reasons.CONSENT_REVOKED().sentence)
    no = refusal(kind, members.get(row["member_id"]))
    if no is not None:
        raise NotTakingPart(no.sentence)


def _require_read(row: dict[str, Any], wish: Approve) -> None:
    """Whether the words that stand there are those that were read; a like has none to read."""
    named = wish.text_sha256 is not None
    if not named and row["kind"] == Kind.LIKE:
        return
    if wish.text_sha256 != texts.digest(row["draft_text"]):
        raise TextChanged(named=named)


async def _require_speaker(conn: Connection, row: dict[str, Any], wish: Approve | Reword) -> None:
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


def about_row(row: dict[str, Any]) -> About:
    return About(
        client_id=row["client_id"],
        activity_id=row["id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        correlation_id=row["correlation_id"],
    )
