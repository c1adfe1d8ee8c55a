"""May a check be made? Asked of the ledger right before the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chorus.vocabulary import Platform, WatchKind, WithheldCode
from chorus_execution.domain.eligibility import CHALLENGED, Withheld

SEEN_BOUND: Final = 100
"""So many names a cursor holds: a page of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the ledger says of a watch now.

    unheard: the check of `execution` is asked for, for the `sends`th time.
    provider_account_id, platform: None where the account is gone.
    """

    watch_id: UUID
    client_id: UUID
    kind: WatchKind
    subject: str
    account_id: UUID
    began_at: datetime
    execution: int
    unheard: bool
    sends: int
    cursor: Mapping[str, object] | None
    provider_account_id: str | None
    platform: Platform | None
    account_status: str
    consented: bool
    wanted: bool
    pause_reason: str | None
    challenged: bool

    def asks_for(self, execution: int) -> bool:
        """Whether this check is still to be made."""
        return self.unheard and self.execution == execution


def withheld(order: Order) -> Withheld | None:
    """The first reason against the check."""
    if order.pause_reason is not None:
        return Withheld(code=WithheldCode.PAUSED, reason=f"Paused: {order.pause_reason}")
    if order.challenged:
        return CHALLENGED
    lost = order.account_status != "connected" and order.kind is not WatchKind.STATUS_OF_ACCOUNT
    if lost or order.provider_account_id is None:
        reason = f"The account is {order.account_status}."
        return Withheld(code=WithheldCode.ACCOUNT_NOT_CONNECTED, reason=reason)
    if not order.consented:
        return Withheld(
            code=WithheldCode.CONSENT_REVOKED, reason="There is no consent in force for it."
        )
    if not order.wanted:
        return Withheld(
            code=WithheldCode.WATCH_NOT_WANTED, reason="Nobody asks for the look any more."
        )
    return None


def seen_before(cursor: Mapping[str, object] | None) -> frozenset[str]:
    """What the check before saw; a cursor of another shape says nothing."""
    seen = (cursor or {}).get("seen")
    if not isinstance(seen, list):
        return frozenset()
    return frozenset(name for name in seen if isinstance(name, str))


def cursor_of(seen: Sequence[str]) -> dict[str, list[str]]:
    """Where the next check goes on."""
    return {"seen": list(seen[:SEEN_BOUND])}
