"""Who does an activity: Chorus by itself, Chorus after a yes, or the account's person by hand.

The pod's policy and the account's owner both say; the narrower of the two holds. What its person
is to do by hand is a suggestion for ever: no later word makes Chorus do it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from chorus.vocabulary import ApprovalMode, Kind
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import Decision

Modes = Mapping[Kind, ApprovalMode]
"""What an account's owner chose, kind by kind; of a kind that is not there, nothing."""

APPROVAL_LIFE: Final = timedelta(hours=48)
"""How long after its time something waits for its person that was planned to go out by itself."""

OF_POLICY: Final[Mapping[str, ApprovalMode]] = {
    "auto": ApprovalMode.AUTO,
    "required": ApprovalMode.APPROVE_EACH,
    "suggest": ApprovalMode.SUGGEST,
}
"""What a pod's policy says of a kind."""

_WIDEST_FIRST: Final = tuple(ApprovalMode)


def narrower(one: ApprovalMode, other: ApprovalMode) -> ApprovalMode:
    """The one that lets Chorus do less."""
    return max(one, other, key=_WIDEST_FIRST.index)


def held_for_owner(
    mode: ApprovalMode | None, *, suggested: bool = False, owner_agreed: bool
) -> Decision | None:
    """Why Chorus does not do it as it stands, None: it may.

    `mode`: the owner's for this kind. `suggested`: it was left to them once. `owner_agreed`: the
    yes to it is the owner's own; nobody else's counts where they want to be asked.
    """
    if suggested or mode is ApprovalMode.SUGGEST:
        return reasons.SUGGESTED()
    if mode is ApprovalMode.APPROVE_EACH and not owner_agreed:
        return reasons.OWNER_ASKS()
    return None


def who_does_it(
    asks: ApprovalMode, own: ApprovalMode | None, place: Decision
) -> tuple[ApprovalMode, Decision]:
    """By the pod's word and the owner's; what is held for them has a place too, by all limits."""
    mode = narrower(asks, own or ApprovalMode.AUTO)
    held = held_for_owner(own, suggested=mode is ApprovalMode.SUGGEST, owner_agreed=False)
    if held is None:
        return mode, place
    return mode, replace(held, limit=place.limit, next_possible_at=place.next_possible_at)
