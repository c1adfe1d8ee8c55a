"""Who may set which limit, in one table (I3).

| change | made by |
|---|---|
| of an account: less than it may now | its owner, and whoever manages the team |
| of an account: more, up to what the team may | whoever manages the team; its owner what they set |
| of an account whose owner set the limit | its owner alone: others pause it, or limit the team |
| of the team: less than now, or more up to the default | whoever manages the team |
| anything beyond that | an owner of the team, in person |
"""

from dataclasses import dataclass
from uuid import UUID

from chorus.documents.limits import Amounts
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission, Role

STRANGER = "This is somebody else's account."
OWN_LIMIT = (
    "The account's owner set this limit themselves, and alone changes it. You can pause the"
    " account, or set a lower limit of the team, which holds beside it."
)
ADMIN_LIMIT = "An admin set this limit, and an admin raises it."
BEYOND = (
    "This allows more than the limit that holds for everybody. Send lower numbers (one that is null"
    " or left out in a new limit is no limit), or ask an owner of the team, signed in."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A limit as it stands and as somebody wants it."""

    wanted: Amounts
    present: Amounts
    """What holds now."""
    general: Amounts
    """What would hold without the limit: the team's of an account, the default of the team."""
    owner_user_id: UUID | None
    """The account's owner; None: it is the team's limit."""
    set_by: str | None
    """Who set the one that stands there."""

    @property
    def narrows(self) -> bool:
        """What is more general holds beside it."""
        return self.wanted.within(self.general)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why not: the code of a problem, and its sentence."""

    code: str
    sentence: str


def may_set(principal: Principal, wish: Wish) -> Refused | None:
    """None: they may."""
    owner = wish.owner_user_id
    if not (principal.may(Permission.MANAGE) if owner is None else principal.may_act_for(owner)):
        return Refused(code="not_allowed", sentence=STRANGER)
    in_person = principal.key_id is None and not principal.temporary
    by_owner = owner is not None and wish.set_by == f"user:{owner}"
    if by_owner and not (in_person and principal.user_id == owner):
        return Refused(code="not_allowed", sentence=OWN_LIMIT)
    if wish.wanted.within(wish.present):
        return None
    if wish.set_by and not by_owner and not principal.may(Permission.MANAGE):
        return Refused(code="not_allowed", sentence=ADMIN_LIMIT)
    if wish.narrows or (in_person and principal.role is Role.OWNER):
        return None
    return Refused(code="limit_raised", sentence=BEYOND)
