"""Who may set which limit, in one table (I3).

Of an account there are two: its owner's own, which only narrows, and that of those who manage.
Neither overwrites the other, and the least of both holds.

| change | made by |
|---|---|
| an owner's own: less than holds now | the owner, and a key of theirs |
| an owner's own: more, up to what holds without it | the owner in person |
| of an account, by those who manage: up to what the team may, or less than now | who manages |
| of the team: up to the default, or less than now | who manages |
| anything beyond that | an owner of the team, in person |
"""

from dataclasses import dataclass

from chorus.documents.limits import Amounts
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.refusals import Refused
from chorus_gateway.domain.roles import Permission, Role

STRANGER = "This is somebody else's account."
ADMIN_LIMIT = "An admin set this limit, and an admin raises it."
OWN_LIMIT = (
    "You set a lower limit yourself, which holds beside this one. Remove yours first, with DELETE."
)
OWN_BEYOND = (
    "This is more than the account may do without your own limit: an admin, or an owner of the"
    " team, raises that."
)
BEYOND = (
    "This allows more than the limit that holds for everybody. Send lower numbers (one that is null"
    " or left out in a new limit is no limit), or ask an owner of the team, signed in."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A limit as it stands and as somebody wants it."""

    wanted: Amounts
    present: Amounts
    """What holds now; for those who manage without what the account's owner set."""
    general: Amounts
    """What would hold without the limit."""

    @property
    def narrows(self) -> bool:
        """What is more general holds beside it."""
        return self.wanted.within(self.general)


def may_set_own(principal: Principal, wish: Wish) -> Refused | None:
    """The owner's own limit, by whoever acts for that person. None: they may."""
    if not wish.narrows:
        return Refused(code="limit_raised", sentence=OWN_BEYOND)
    if wish.wanted.within(wish.present):
        return None
    if principal.key_id is not None:
        return Refused(code="in_person_only")
    return Refused(code="password_is_temporary") if principal.temporary else None


def may_set(principal: Principal, wish: Wish) -> Refused | None:
    """The limit of an account or of the team, by those who manage. None: they may."""
    if not principal.may(Permission.MANAGE):
        return Refused(code="not_allowed", sentence=STRANGER)
    in_person = principal.key_id is None and not principal.temporary
    if wish.narrows or wish.wanted.within(wish.present):
        return None
    if in_person and principal.role is Role.OWNER:
        return None
    return Refused(code="limit_raised", sentence=BEYOND)
