"""Who may leave how much to Chorus (P7)."""

from itertools import product

import pytest

from chorus.ids import new_id
from chorus.vocabulary import ApprovalMode, Kind
from chorus_gateway.domain.approval_modes import is_wider, may_choose, modes_of
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.roles import Role, Scope

OWNER, OTHER = new_id(), new_id()
AUTO, EACH, SUGGEST = ApprovalMode


def _who(role: Role, *, own: bool, key: bool = False, temporary: bool = False) -> Principal:
    scopes = frozenset({Scope.READ, Scope.WRITE, Scope.APPROVE}) if key else None
    return Principal(
        client_id=new_id(),
        user_id=OWNER if own else OTHER,
        name="Somebody",
        role=role,
        proof=Proof(kind=ProofKind.KEY if key else ProofKind.SESSION, id=new_id()),
        scopes=scopes,
        temporary=temporary,
    )


def test_what_nobody_chose_is_left_to_the_pods_policy() -> None:
    """Three kinds, each with a mode."""
    assert modes_of({"comment": "suggest"}) == {
        Kind.LIKE: AUTO,
        Kind.COMMENT: SUGGEST,
        Kind.REPOST: AUTO,
    }


def test_the_modes_are_in_one_order() -> None:
    """auto, approve_each, suggest: each lets Chorus do less than the one before."""
    wider = [(one, other) for one, other in product(ApprovalMode, repeat=2) if is_wider(one, other)]
    assert wider == [(AUTO, EACH), (AUTO, SUGGEST), (EACH, SUGGEST)]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("temporary", [False, True])
def test_narrower_is_the_owners_at_any_time(role: Role, key: bool, temporary: bool) -> None:
    """INVARIANT (6): a person can always stop it: a viewer too, and whoever came by a link."""
    who = _who(role, own=True, key=key, temporary=temporary)
    for present, wanted in product(ApprovalMode, repeat=2):
        if not is_wider(wanted, present):
            assert may_choose(who, OWNER, wanted=wanted, present=present) is None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("temporary", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_wider_is_the_owners_alone_in_person(
    role: Role, key: bool, temporary: bool, own: bool
) -> None:
    """INVARIANT (4): no admin, no key and no link lets Chorus do more in somebody's name."""
    who = _who(role, own=own, key=key, temporary=temporary)
    may = own and not key and not temporary and role is not Role.VIEWER
    for present, wanted in product(ApprovalMode, repeat=2):
        if is_wider(wanted, present):
            refused = may_choose(who, OWNER, wanted=wanted, present=present)
            assert (refused is None) is may


def test_who_manages_narrows_and_a_stranger_does_nothing() -> None:
    """An admin may ask for more caution; another member has no say."""
    for role, may in ((Role.OWNER, True), (Role.ADMIN, True), (Role.MEMBER, False)):
        refused = may_choose(_who(role, own=False), OWNER, wanted=SUGGEST, present=AUTO)
        assert (refused is None) is may
