"""Who may set which limit: the table of `domain/limits.py`."""

from typing import Any
from uuid import UUID

import pytest

from chorus.documents.limits import Amounts
from chorus.ids import new_id
from chorus_gateway.domain.limits import Wish, may_set
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Role, Scope

MIA, ADA, OWNER = new_id(), new_id(), new_id()
FOUR, SIX, TEN, TWENTY = (
    Amounts(per_hour=count, per_day=5 * count, cooldown_seconds=60.0) for count in (4, 6, 10, 20)
)


def _person(role: Role, user: UUID, **more: Any) -> Principal:
    return Principal(client_id=UUID(int=1), user_id=user, name="x", role=role, **more)


MEMBER = _person(Role.MEMBER, MIA)
STRANGER = _person(Role.MEMBER, new_id())
ADMIN = _person(Role.ADMIN, ADA)
KEY = _person(Role.OWNER, OWNER, key_id=new_id(), scopes=frozenset({Scope.WRITE}))
TEMPORARY = _person(Role.OWNER, OWNER, temporary=True)
HEAD = _person(Role.OWNER, OWNER)


def _refused(
    who: Principal,
    wanted: Amounts,
    *,
    present: Amounts = TEN,
    by: UUID | None = None,
    team: bool = False,
) -> str | None:
    wish = Wish(
        wanted=wanted,
        present=present,
        general=TEN,
        owner_user_id=None if team else MIA,
        set_by=f"user:{by}" if by else None,
    )
    refused = may_set(who, wish)
    return refused.code if refused else None


@pytest.mark.parametrize("who", [MEMBER, ADMIN, HEAD, KEY, TEMPORARY])
def test_less_is_always_allowed_to_who_may_handle_the_account(who: Principal) -> None:
    """I6: nobody needs to ask to do less."""
    assert _refused(who, FOUR) is None


def test_a_stranger_sets_nothing() -> None:
    """Not even less: it is somebody else's account, or the team's."""
    assert _refused(STRANGER, FOUR) == "not_allowed"
    assert _refused(MEMBER, FOUR, team=True) == "not_allowed"


def test_what_an_admin_set_an_admin_raises() -> None:
    """An account that is spared is not put back at full pace by its owner."""
    assert _refused(MEMBER, SIX, present=FOUR, by=ADA) == "not_allowed"
    assert _refused(ADMIN, SIX, present=FOUR, by=ADA) is None
    assert _refused(MEMBER, FOUR, present=SIX, by=ADA) is None


@pytest.mark.parametrize("who", [ADMIN, HEAD, KEY])
@pytest.mark.parametrize("wanted", [FOUR, TEN, TWENTY])
def test_what_its_owner_set_is_the_owners_alone(who: Principal, wanted: Amounts) -> None:
    """I6: a lower limit by another, and then a higher one, would undo the owner's word."""
    assert _refused(who, wanted, present=SIX, by=MIA) == "not_allowed"
    assert _refused(MEMBER, TEN, present=SIX, by=MIA) is None


@pytest.mark.parametrize("who", [MEMBER, ADMIN, KEY, TEMPORARY])
def test_only_an_owner_of_the_team_in_person_goes_beyond(who: Principal) -> None:
    """I3: no key, and nobody with a password that another chose."""
    assert _refused(who, TWENTY) == "limit_raised"
    assert _refused(HEAD, TWENTY) is None
    assert _refused(HEAD, TWENTY, team=True) is None
    assert _refused(ADMIN, TWENTY, team=True) == "limit_raised"
    assert _refused(ADMIN, TEN, present=TWENTY, by=OWNER) is None


def test_what_is_left_open_is_no_limit() -> None:
    """A limit without one of its numbers allows more than one that has it."""
    endless = Amounts(per_hour=4, cooldown_seconds=60.0)
    assert _refused(ADMIN, endless) == "limit_raised"
    quick = Amounts(per_hour=4, per_day=20, cooldown_seconds=1.0)
    assert _refused(ADMIN, quick) == "limit_raised"
