"""Is an activity still eligible? Asked as its command is opened and again before the call."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from chorus.events import ActivityDue
from chorus.vocabulary import ApprovalMode, Mode, State, WithheldCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What the ledger and the account's owner say now; None where the row is gone.

    asks_member: whether a pod wants it of a member; then `takes_part` and `member_kinds` are that
    member's, None and empty where they were removed.
    challenged: the network asked for the account's person, and nobody has resumed it since.
    acts_until: from when on the call may not be made any more.
    approval_mode: what the account's owner wants of this kind, None where they said nothing;
    owner_agreed: the yes to it is their own.
    """

    state: str | None
    execution: int | None
    pause_code: str | None = None
    pause_reason: str | None = None
    account_status: str | None = None
    consented: AbstractSet[str] = frozenset()
    asks_member: bool = False
    takes_part: bool | None = None
    member_kinds: AbstractSet[str] = frozenset()
    challenged: bool = False
    acts_until: datetime | None = None
    approval_mode: str | None = None
    owner_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why no call is made."""

    code: WithheldCode
    reason: str


ALREADY_DONE = Withheld(
    code=WithheldCode.ALREADY_DONE, reason="The account's person had done it already, by hand."
)
CHALLENGED = Withheld(
    code=WithheldCode.PAUSED,
    reason="Paused: the network asked for the account's person and waits for them.",
)
LATE = Withheld(
    code=WithheldCode.LATE,
    reason=(
        "Its hours had ended or it had waited too long before it could be carried out; it is given"
        " another time."
    ),
)
SUGGEST_ONLY = Withheld(
    code=WithheldCode.SUGGEST_ONLY,
    reason="The account's owner does this by hand: it is shown to them, and not done for them.",
)
APPROVAL_NEEDED = Withheld(
    code=WithheldCode.APPROVAL_NEEDED,
    reason="The account's owner wants to be asked each time, and has not said yes to this.",
)
_CANCELLED = Withheld(code=WithheldCode.CANCELLED, reason="The activity was cancelled.")
_SUPERSEDED = Withheld(
    code=WithheldCode.SUPERSEDED, reason="The ledger has moved on from this execution already."
)


def withheld(command: ActivityDue, eligibility: Eligibility, now: datetime) -> Withheld | None:
    """The first reason against, or None when the activity may go on (invariants 4, 6 and 8).

    A verification changes nothing in the world: whether an effect exists must be found out whatever
    has been said since, so only a connection that is missing keeps it back.
    """
    if command.mode is Mode.VERIFY:
        return _against_a_verification(command, eligibility)
    return (
        _moved_on(command, eligibility)
        or _stopped(eligibility)
        or _not_agreed(command, eligibility)
        or _left_to_owner(eligibility)
        or late(eligibility.acts_until, now)
    )


def _against_a_verification(command: ActivityDue, eligibility: Eligibility) -> Withheld | None:
    open_still = eligibility.state in (State.DISPATCHED, State.CANCELLED)
    if not open_still or eligibility.execution != command.execution:
        return _SUPERSEDED
    return _not_connected(eligibility)


def _moved_on(command: ActivityDue, eligibility: Eligibility) -> Withheld | None:
    if eligibility.state is None or eligibility.state == State.CANCELLED:
        return _CANCELLED
    if eligibility.state != State.DISPATCHED or eligibility.execution != command.execution:
        return _SUPERSEDED
    return None


def _stopped(eligibility: Eligibility) -> Withheld | None:
    if eligibility.pause_code is not None:
        return Withheld(code=WithheldCode.PAUSED, reason=f"Paused: {eligibility.pause_reason}")
    if eligibility.challenged:
        return CHALLENGED
    return _not_connected(eligibility)


def _not_connected(eligibility: Eligibility) -> Withheld | None:
    if eligibility.account_status == "connected":
        return None
    status = eligibility.account_status or "removed"
    return Withheld(code=WithheldCode.ACCOUNT_NOT_CONNECTED, reason=f"The account is {status}.")


def _left_to_owner(eligibility: Eligibility) -> Withheld | None:
    """Its owner does it by hand, or wants to be asked first (ADR 31)."""
    if eligibility.approval_mode == ApprovalMode.SUGGEST:
        return SUGGEST_ONLY
    if eligibility.approval_mode == ApprovalMode.APPROVE_EACH and not eligibility.owner_agreed:
        return APPROVAL_NEEDED
    return None


def late(acts_until: datetime | None, now: datetime) -> Withheld | None:
    """Its hours have ended, or it waited too long: the ledger finds another time for it."""
    return LATE if acts_until is not None and now >= acts_until else None


def _not_agreed(command: ActivityDue, eligibility: Eligibility) -> Withheld | None:
    if command.kind not in eligibility.consented:
        return Withheld(
            code=WithheldCode.CONSENT_REVOKED,
            reason=f"There is no consent in force for {command.kind}.",
        )
    if not eligibility.asks_member:
        return None
    if not eligibility.takes_part:
        return Withheld(
            code=WithheldCode.MEMBER_INACTIVE,
            reason="The member or the pod does not take part any more.",
        )
    if command.kind not in eligibility.member_kinds:
        return Withheld(
            code=WithheldCode.KIND_DISABLED,
            reason=f"The member or the pod wants no {command.kind} now.",
        )
    return None
