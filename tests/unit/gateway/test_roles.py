"""Roles, keys, consent, tiers, passwords, tokens: the rules alone."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_gateway.domain.consent import VERSION, current_text, may_answer
from chorus_gateway.domain.passwords import fault
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.roles import Permission, Role, Scope, may_change_user, permissions
from chorus_gateway.domain.tiers import MAX_ACCOUNTS, Tier, may_connect
from chorus_gateway.domain.tokens import RefreshToken, RefreshVerdict, judge

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def _principal(role: Role, *, key: bool = False) -> Principal:
    return Principal(
        client_id=new_id(),
        user_id=new_id(),
        name="x",
        role=role,
        proof=Proof(kind=ProofKind.KEY if key else ProofKind.SESSION, id=new_id()),
        scopes=frozenset({Scope.WRITE}) if key else None,
    )


def test_each_role_holds_what_the_one_below_it_holds() -> None:
    """Roles: viewer < member < admin = owner."""
    viewer, member, admin, owner = (
        permissions(role) for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)
    )
    assert viewer == {Permission.READ, Permission.STOP}
    assert viewer < member < admin == owner == set(Permission)


@pytest.mark.parametrize("role", list(Role))
def test_a_key_only_narrows_and_never_administers(role: Role) -> None:
    """INVARIANT: whoever finds a key cannot make another."""
    for scopes in (frozenset({Scope.READ}), frozenset({Scope.WRITE}), frozenset(Scope)):
        assert permissions(role, scopes) <= permissions(role) - {Permission.ADMINISTER}
    assert permissions(role, frozenset({Scope.READ})) == {Permission.READ}
    assert permissions(role, frozenset()) == set()


@pytest.mark.parametrize("actor", list(Role))
@pytest.mark.parametrize("other", list(Role))
def test_only_owners_touch_owners(actor: Role, other: Role) -> None:
    """Roles: neither demote nor promote."""
    for present, wanted in ((Role.OWNER, other), (other, Role.OWNER)):
        assert may_change_user(actor=actor, present=present, wanted=wanted) is (actor is Role.OWNER)


@pytest.mark.parametrize("role", list(Role))
def test_the_owner_of_an_account_alone_grants(role: Role) -> None:
    """INVARIANT (invariant 4): in person, whatever the role; a key never."""
    person, robot = _principal(role), _principal(role, key=True)
    holds = role is not Role.VIEWER
    assert may_answer(person, owner_user_id=person.user_id, granted=True) is holds
    assert may_answer(person, owner_user_id=person.user_id, granted=False)
    assert not may_answer(person, owner_user_id=new_id(), granted=True)
    assert not may_answer(robot, owner_user_id=robot.user_id, granted=True)
    manages = role in (Role.OWNER, Role.ADMIN)
    assert may_answer(person, owner_user_id=new_id(), granted=False) is manages


def test_the_wording_of_a_version_never_changes() -> None:
    """INVARIANT (invariant 4): another wording is another version."""
    everything = "\n".join(current_text(kind).text for kind in Kind)
    digests = {"2026-01": "5f10b194b7cbc952684a9a0bc5534e51b3502a31a62d7e26c8cf5109d2a5a2c6"}
    assert sha256(everything.encode()).hexdigest() == digests[VERSION]
    assert all(
        current_text(kind).sha256 == sha256(current_text(kind).text.encode()).digest()
        for kind in Kind
    )


def test_tiers_hold_what_was_sold() -> None:
    """Q1."""
    assert [MAX_ACCOUNTS[tier] for tier in Tier] == [10, 50, 150, 500, 1000]
    assert may_connect(Tier.STARTER, 9)
    assert not may_connect(Tier.STARTER, 10)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("correct horse battery", True),
        ("short", False),
        ("x" * 201, False),
        ("aaaaaaaaaaaaaaa", False),
        ("Ada@Example.com", False),
    ],
)
def test_passwords_are_long_and_not_ones_own_name(password: str, *, good: bool) -> None:
    """Sign-in: each refusal is a sentence."""
    found = fault(password, email="ada@example.com")
    assert (found is None) is good
    assert found is None or found.endswith(".")


@pytest.mark.parametrize(
    ("used", "revoked", "expires", "verdict"),
    [
        (None, None, 1, RefreshVerdict.GOOD),
        (None, None, 0, RefreshVerdict.EXPIRED),
        (None, NOW, 1, RefreshVerdict.REVOKED),
        (NOW, None, 1, RefreshVerdict.REPEATED),
        (NOW - timedelta(seconds=30), None, 1, RefreshVerdict.REPEATED),
        (NOW - timedelta(seconds=31), None, 1, RefreshVerdict.REUSED),
        (NOW, NOW, 1, RefreshVerdict.REUSED),
        (NOW, None, 0, RefreshVerdict.REUSED),
        (NOW, NOW, -1, RefreshVerdict.REUSED),
    ],
)
def test_a_refresh_token_is_judged(
    used: datetime | None, revoked: datetime | None, expires: int, verdict: RefreshVerdict
) -> None:
    """INVARIANT (E5): reuse is told before anything else, but for a moment while it is in force."""
    token = RefreshToken(
        id=new_id(),
        client_id=new_id(),
        user_id=new_id(),
        family_id=new_id(),
        expires_at=NOW + timedelta(seconds=expires),
        used_at=used,
        revoked_at=revoked,
    )
    assert judge(token, NOW) is verdict
