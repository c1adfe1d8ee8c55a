"""Somebody says yes or no to what waits for it."""

from chorus import texts
from chorus.clock import Clock
from chorus.documents.activity_commands import ActivityCommand, Approve, Reject
from chorus.postgres.pool import Connection
from chorus.vocabulary import ApprovalMode, Kind, State
from chorus_scheduler.commands.saving import find, save
from chorus_scheduler.commands.texts import require_speaker
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.participation import hold, refusal
from chorus_scheduler.errors import (
    DecidedAlready,
    MoveNotAllowed,
    NotTakingPart,
    OwnersYesNeeded,
    SuggestionOnly,
    TextChanged,
    VoicePending,
)
from chorus_scheduler.store import accounts


async def approve(conn: Connection, clock: Clock, command: Approve) -> Activity:
    """A waiting activity may go out, with the text as it is or as edited.

    The yes names the words that were read: they are compared under the row's lock. Raises
    TextChanged where others stand there, NotTakingPart where its member would not do it any
    more, DecidedAlready where somebody was first, SuggestionOnly where its person does it by hand,
    OwnersYesNeeded where they want to be asked themselves.
    """
    edited = " The text was edited." if command.text is not None else ""
    by = "with an API key" if command.actor.startswith("key:") else "by a person"
    activity = await find_waiting(conn, command, "approved")
    if activity.suggested:
        raise SuggestionOnly
    if command.text is not None:
        await require_speaker(conn, activity, command.text)
    elif activity.voice == "pending":
        raise VoicePending
    _require_read(activity, command)
    await _require_part(conn, activity, command)
    now = clock.now()
    change = Change(
        state=State.SCHEDULED,
        decision=reasons.APPROVED(by=by, edited=edited),
        approval="given",
        by_owner=command.by_owner,
        due_at=max(now, activity.scheduled_for),
        text=command.text,
    )
    return await save(conn, command, activity, change, now)


async def reject(conn: Connection, clock: Clock, command: Reject) -> Activity:
    """A waiting activity shall not go out. Raises DecidedAlready where somebody was first."""
    activity = await find_waiting(conn, command, "rejected")
    decision = reasons.REJECTED(why=command.reason)
    change = Change(state=State.CANCELLED, decision=decision, stop=True)
    return await save(conn, command, activity, change, clock.now())


async def find_waiting(conn: Connection, command: ActivityCommand, word: str) -> Activity:
    """The command's activity, locked, which waits for somebody's decision.

    Raises DecidedAlready with what was decided and by whom, MoveNotAllowed where nobody did.
    """
    activity = await find(conn, command)
    if activity.state is State.AWAITING_APPROVAL:
        return activity
    if activity.stopped_by is not None and activity.stopped_at is not None:
        said = "rejected" if activity.stop_code == reasons.REJECTED.code else "called off"
        raise DecidedAlready(activity.state, said, by=activity.stopped_by, at=activity.stopped_at)
    if activity.approved_by is not None and activity.approved_at is not None:
        raise DecidedAlready(
            activity.state, "approved", by=activity.approved_by, at=activity.approved_at
        )
    raise MoveNotAllowed(word, activity.state)


async def _require_part(conn: Connection, activity: Activity, command: Approve) -> None:
    """Whether its member, and its account's owner, would still have it done, and done by this
    yes.
    """
    standings = await accounts.standings(conn, [activity.account_id])
    member = activity.member_id
    members = await accounts.participation(conn, [member] if member else [])
    account = standings.get(activity.account_id)
    if account is None or activity.kind not in account.consented:
        raise NotTakingPart(reasons.CONSENT_REVOKED().sentence)
    part = members.get(member) if member else None
    no = refusal(activity.kind, part) or hold(activity.kind, part)
    if no is not None:
        raise NotTakingPart(no.sentence)
    mode = account.modes.get(activity.kind)
    if mode is ApprovalMode.SUGGEST:
        raise SuggestionOnly
    if mode is ApprovalMode.APPROVE_EACH and not command.by_owner:
        raise OwnersYesNeeded


def _require_read(activity: Activity, command: Approve) -> None:
    """Whether the words that stand there are those that were read; a like has none to read."""
    named = command.text_sha256 is not None
    if not named and activity.kind is Kind.LIKE:
        return
    if command.text_sha256 != texts.digest(activity.text):
        raise TextChanged(named=named)
