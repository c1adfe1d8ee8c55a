"""Somebody says yes or no to what waits for it."""

from chorus import texts
from chorus.clock import Clock
from chorus.documents.activity_commands import Approve, Reject
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.commands.saving import find_in, save
from chorus_scheduler.commands.texts import require_speaker
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.domain.changes import Change
from chorus_scheduler.domain.participation import hold, refusal
from chorus_scheduler.errors import NotTakingPart, TextChanged, VoicePending
from chorus_scheduler.store import accounts


async def approve(conn: Connection, clock: Clock, command: Approve) -> Activity:
    """A waiting activity may go out, with the text as it is or as edited.

    The yes names the words that were read: they are compared under the row's lock. Raises
    TextChanged where others stand there, NotTakingPart where its member would not do it any
    more.
    """
    edited = " The text was edited." if command.text is not None else ""
    by = "with an API key" if command.actor.startswith("key:") else "by a person"
    activity = await find_in(conn, command, "approved", State.AWAITING_APPROVAL)
    if command.text is not None:
        await require_speaker(conn, activity, command.text)
    elif activity.voice == "pending":
        raise VoicePending
    _require_read(activity, command)
    await _require_part(conn, activity)
    now = clock.now()
    change = Change(
        state=State.SCHEDULED,
        decision=reasons.APPROVED(by=by, edited=edited),
        approval="given",
        due_at=max(now, activity.scheduled_for),
        text=command.text,
    )
    return await save(conn, command, activity, change, now)


async def reject(conn: Connection, clock: Clock, command: Reject) -> Activity:
    """A waiting activity shall not go out."""
    activity = await find_in(conn, command, "rejected", State.AWAITING_APPROVAL)
    decision = reasons.REJECTED(why=command.reason)
    change = Change(state=State.CANCELLED, decision=decision, stop=True)
    return await save(conn, command, activity, change, clock.now())


async def _require_part(conn: Connection, activity: Activity) -> None:
    """Whether its member, and its account's owner, would still have it done."""
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


def _require_read(activity: Activity, command: Approve) -> None:
    """Whether the words that stand there are those that were read; a like has none to read."""
    named = command.text_sha256 is not None
    if not named and activity.kind is Kind.LIKE:
        return
    if command.text_sha256 != texts.digest(activity.text):
        raise TextChanged(named=named)
