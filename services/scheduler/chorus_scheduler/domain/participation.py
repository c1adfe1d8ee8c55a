"""Whether a member still takes part: asked at hand-over and when somebody approves."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chorus.vocabulary import Kind
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import Decision

OF_PODS = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPOST})
"""What an account does as a member of a pod; the rest it does for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """A member as the pod and the member want it now."""

    takes_part: bool
    """Both the member and the pod are active."""
    kinds: AbstractSet[str]
    """What the member wants to do and the pod's policy has not switched off."""


def refusal(kind: Kind, participation: Participation | None) -> Decision | None:
    """Why an activity of this kind may not happen; `participation` None: the member was removed."""
    if kind not in OF_PODS:
        return None
    if participation is None or not participation.takes_part:
        return reasons.MEMBER_INACTIVE()
    return None if kind in participation.kinds else reasons.KIND_DISABLED()
