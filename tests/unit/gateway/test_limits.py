"""Who may set which limit: the table of `domain/limits.py`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from chorus.documents.limits import Amounts
from chorus.ids import new_id
from chorus_gateway.domain.limits import Wish, may_set, may_set_own
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.refusals import Refused
from chorus_gateway.domain.roles import Role, Scope

FOUR, SIX, TEN, TWENTY = (
    Amounts(per_hour=count, per_day=5 * count, cooldown_seconds=60.0) for count in (4, 6, 10, 20)
)


def _person(role: Role, *, by: ProofKind = ProofKind.SESSION, **more: Any) -> Principal:
    proof = Proof(kind=by, id=new_id())
    return Principal(
        client_id=UUID(int=1), user_id=new_id(), name="x", role=role, proof=proof, **more
    )


MEMBER = _person(Role.MEMBER)
ADMIN = _person(Role.ADMIN)
HEAD = _person(Role.OWNER)
KEY = _person(Role.OWNER, by=ProofKind.KEY, scopes=frozenset({Scope.WRITE}))
TEMPORARY = _person(Role.OWNER, temporary=True)


def _refused(
    may: Callable[[Principal, Wish], Refused | None],
    who: Principal,
    wanted: Amounts,
    *,
    present: Amounts = TEN,
) -> str | None:
    refused = may(who, Wish(wanted=wanted, present=present, general=TEN))
    return refused.code if refused else None


@pytest.mark.parametrize("who", [MEMBER, HEAD, KEY, TEMPORARY])
def test_an_owner_does_less_without_asking_anybody(who: Principal) -> None:
    """I6: by a key of theirs too, and with a password that another chose."""
    assert _refused(may_set_own, who, FOUR) is None


def test_an_owners_word_is_taken_back_by_that_person_alone() -> None:
    """I6: no key, and nobody who was given the password."""
    assert _refused(may_set_own, MEMBER, SIX, present=FOUR) is None
    assert _refused(may_set_own, KEY, SIX, present=FOUR) == "in_person_only"
    assert _refused(may_set_own, TEMPORARY, SIX, present=FOUR) == "password_is_temporary"


@pytest.mark.parametrize("who", [MEMBER, HEAD, KEY])
def test_an_owners_own_limit_never_widens(who: Principal) -> None:
    """I3: what holds without it is the others' word."""
    assert _refused(may_set_own, who, TWENTY) == "limit_raised"


def test_who_manages_nothing_sets_no_limit_of_others() -> None:
    """Not even less."""
    assert _refused(may_set, MEMBER, FOUR) == "not_allowed"


@pytest.mark.parametrize("who", [ADMIN, HEAD, KEY, TEMPORARY])
def test_who_manages_sets_up_to_what_everybody_may(who: Principal) -> None:
    """And lower than what was raised once."""
    assert _refused(may_set, who, FOUR) is None
    assert _refused(may_set, who, TEN, present=FOUR) is None
    assert _refused(may_set, who, TEN, present=TWENTY) is None


def test_only_an_owner_of_the_team_in_person_goes_beyond() -> None:
    """I3: no key, and nobody with a password that another chose."""
    assert _refused(may_set, HEAD, TWENTY) is None
    for who in (ADMIN, KEY, TEMPORARY):
        assert _refused(may_set, who, TWENTY) == "limit_raised"


def test_what_is_left_open_is_no_limit() -> None:
    """A limit without one of its numbers allows more than one that has it."""
    assert _refused(may_set, ADMIN, Amounts(per_hour=4, cooldown_seconds=60.0)) == "limit_raised"
    quick = Amounts(per_hour=4, per_day=20, cooldown_seconds=1.0)
    assert _refused(may_set, ADMIN, quick) == "limit_raised"
