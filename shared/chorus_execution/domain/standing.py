"""Does an activity still stand? Asked as its command is opened and again right before the call."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from chorus.events import ActivityDue
from chorus.vocabulary import Mode, State, WithheldCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the ledger and the account's owner say now; None where the row is gone.

    asks_member: whether a pod wants it of a member; then `takes_part` and `member_kinds` are that
    member's, None and empty where they were removed.
    challenged: the network asked for the account's person, and nobody has resumed it since.
    acts_until: from when on the call may not be made any more.
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
_CANCELLED = Withheld(code=WithheldCode.CANCELLED, reason="The activity was cancelled.")
_SUPERSEDED = Withheld(
    code=WithheldCode.SUPERSEDED, reason="The ledger has moved on from this execution already."
)


def withheld(command: ActivityDue, standing: Standing, now: datetime) -> Withheld | None:
    """The first reason against, or None when the activity may go on (invariants 4, 6 and 8).

    A look changes nothing in the world: whether an effect exists must be found out whatever has
    been said since, so only a connection that is missing keeps it back.
    """
    if command.mode is Mode.VERIFY:
        return _against_a_look(command, standing)
    return (
        _moved_on(command, standing)
        or _stopped(standing)
        or _not_agreed(command, standing)
        or late(standing.acts_until, now)
    )


def _against_a_look(command: ActivityDue, standing: Standing) -> Withheld | None:
    open_still = standing.state in (State.DISPATCHED, State.CANCELLED)
    if not open_still or standing.execution != command.execution:
        return _SUPERSEDED
    return _not_connected(standing)


def _moved_on(command: ActivityDue, standing: Standing) -> Withheld | None:
    if standing.state is None or standing.state == State.CANCELLED:
        return _CANCELLED
    if standing.state != State.DISPATCHED or standing.execution != command.execution:
        return _SUPERSEDED
    return None


def _stopped(standing: Standing) -> Withheld | None:
    if standing.pause_code is not None:
        return Withheld(code=WithheldCode.PAUSED, reason=f"Paused: {standing.pause_reason}")
    if standing.challenged:
        return CHALLENGED
    return _not_connected(standing)


def _not_connected(standing: Standing) -> Withheld | None:
    if standing.account_status == "connected":
        return None
    status = standing.account_status or "removed"
    return Withheld(code=WithheldCode.ACCOUNT_NOT_CONNECTED, reason=f"The account is {status}.")


def late(acts_until: datetime | None, now: datetime) -> Withheld | None:
    """Its hours have ended, or it waited too long: the ledger finds another time for it."""
    return LATE if acts_until is not None and now >= acts_until else None


def _not_agreed(command: ActivityDue, standing: Standing) -> Withheld | None:
    if command.kind not in standing.consented:
        return Withheld(
            code=WithheldCode.CONSENT_REVOKED,
            reason=f"There is no consent in force for {command.kind}.",
        )
    if not standing.asks_member:
        return None
    if not standing.takes_part:
        return Withheld(
            code=WithheldCode.MEMBER_INACTIVE,
            reason="The member or the pod does not take part any more.",
        )
    if command.kind not in standing.member_kinds:
        return Withheld(
            code=WithheldCode.KIND_DISABLED,
            reason=f"The member or the pod wants no {command.kind} now.",
        )
    return None
