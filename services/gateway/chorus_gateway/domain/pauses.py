"""Who may lift which pause, in one table.

| pause | lifted by |
|---|---|
| of everybody | its operator alone |
| after a challenge | the account's owner or an admin, in person: they have looked at it |
| the same, once its person has signed the account in again | that: see `ended_challenges.py` |
| of the account's owner on their own account | the owner: nobody ends a person's own stop |
| any other | whoever manages the tenant |
"""

from dataclasses import dataclass
from uuid import UUID

from chorus_gateway.domain.account_status import CHALLENGE
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.refusals import Refused
from chorus_gateway.domain.roles import Permission

OPERATOR = "This pause stops everybody; its operator ends it."
STRANGER = "This is somebody else's account."
OWN_STOP = "The account's owner stopped it themselves, and ends that themselves."
ADMIN_STOP = "An admin made this pause, and an admin ends it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A pause, as far as it matters who ends it."""

    everybody: bool
    code: str
    paused_by: str
    owner_user_id: UUID | None
    """Of the account that it stops; None: it stops a pod or the team."""


def may_lift(principal: Principal, pause: Held) -> Refused | None:
    """None: they may."""
    if pause.everybody:
        return Refused(code="not_allowed", sentence=OPERATOR)
    owner = pause.owner_user_id
    manages = principal.may(Permission.MANAGE)
    if not manages and (owner is None or not principal.may_act_for(owner)):
        return Refused(code="not_allowed", sentence=ADMIN_STOP if owner is None else STRANGER)
    if pause.code == CHALLENGE:
        return _in_person(principal)
    if owner is not None and pause.paused_by == f"user:{owner}":
        if principal.user_id != owner:
            return Refused(code="not_allowed", sentence=OWN_STOP)
        return _in_person(principal)
    return None if manages else Refused(code="not_allowed", sentence=ADMIN_STOP)


def _in_person(principal: Principal) -> Refused | None:
    if principal.key_id is not None:
        return Refused(code="in_person_only")
    return Refused(code="password_is_temporary") if principal.temporary else None
