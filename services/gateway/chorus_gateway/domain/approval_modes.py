"""Who may say how much of an account's acts is left to Chorus, in one table (P7).

The modes, from the widest to the narrowest: `auto`, `approve_each`, `suggest`.

| change | made by |
|---|---|
| narrower than it is, or the same | the account's owner, a key of theirs, or who manages the team |
| wider than it is | the account's owner alone, in person |

A mode is the owner's word on their own account; a pod's policy is the team's. The narrower holds.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from chorus.vocabulary import ApprovalMode, Kind
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.refusals import Refused
from chorus_gateway.domain.roles import Permission

KINDS: Final = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)
"""What is done as a member of a pod; of the rest each is asked for by its owner anyway."""
STRANGER: Final = "This is somebody else's account."
WIDER: Final = "Only the account's owner lets Chorus do more by itself, signed in."
_WIDEST_FIRST: Final = tuple(ApprovalMode)


def modes_of(stored: Mapping[str, str]) -> dict[Kind, ApprovalMode]:
    """The mode of every kind; what the owner said nothing of is left to the pod's policy."""
    return {kind: ApprovalMode(stored.get(kind, ApprovalMode.AUTO)) for kind in KINDS}


def is_wider(wanted: ApprovalMode, present: ApprovalMode) -> bool:
    """Whether more is left to Chorus than before."""
    return _WIDEST_FIRST.index(wanted) < _WIDEST_FIRST.index(present)


def may_choose(
    principal: Principal, owner_user_id: UUID, *, wanted: ApprovalMode, present: ApprovalMode
) -> Refused | None:
    """None: they may."""
    if not principal.may_act_for(owner_user_id):
        return Refused(code="not_allowed", sentence=STRANGER)
    if not is_wider(wanted, present):
        return None
    if principal.user_id != owner_user_id or not principal.may(Permission.OWN_ACCOUNTS):
        return Refused(code="not_allowed", sentence=WIDER)
    if principal.key_id is not None:
        return Refused(code="in_person_only")
    return Refused(code="password_is_temporary") if principal.temporary else None
