"""Does an activity still stand? Asked as its command is opened and again right before the call."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chorus.events import ActivityDue
from chorus.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the ledger and the account's owner say now; None where the row is gone."""

    state: str | None
    execution: int | None
    pause_code: str | None = None
    pause_reason: str | None = None
    account_status: str | None = None
    consented: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why no call is made."""

    code: str
    reason: str


def withheld(command: ActivityDue, standing: Standing) -> Withheld | None:
    """The first reason against, or None when the activity may go on (invariants 4 and 6)."""
    if standing.state is None or standing.state == State.CANCELLED:
        return Withheld(code="cancelled", reason="The activity was cancelled.")
    if standing.state != State.DISPATCHED or standing.execution != command.execution:
        return Withheld(
            code="superseded", reason="The ledger has moved on from this execution already."
        )
    if standing.pause_code is not None:
        return Withheld(code="paused", reason=f"Paused: {standing.pause_reason}")
    if standing.account_status != "connected":
        status = standing.account_status or "removed"
        return Withheld(code="account_not_connected", reason=f"The account is {status}.")
    if command.kind not in standing.consented:
        return Withheld(
            code="consent_revoked", reason=f"There is no consent in force for {command.kind}."
        )
    return None
