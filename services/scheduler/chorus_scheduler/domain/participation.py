"""Whether a member still takes part: asked at hand-over, by sweeps, and when somebody approves.

Who left for good does nothing more; who takes no part for a while is waited for.
"""

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
    gone: bool = False
    """The account's owner left the pod by their own word, or the pod was removed."""
    left_kinds: AbstractSet[str] = frozenset()
    """What the account's owner wants no part of, by their own word."""


def refusal(kind: Kind, participation: Participation | None) -> Decision | None:
    """Why an activity of this kind is never to happen; `participation` None: the member was
    removed.
    """
    if kind not in OF_PODS:
        return None
    if participation is None or participation.gone:
        return reasons.MEMBER_INACTIVE()
    return reasons.KIND_DISABLED() if kind in participation.left_kinds else None


def hold(kind: Kind, participation: Participation | None) -> Decision | None:
    """Why an activity of this kind, which nobody refused, is not to happen for now."""
    if kind not in OF_PODS or participation is None:
        return None
    if not participation.takes_part:
        return reasons.HELD()
    return None if kind in participation.kinds else reasons.KIND_HELD(kind=kind)
