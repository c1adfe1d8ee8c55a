"""Invitations: what has become of one, whom it is for, what a token is."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chorus_gateway.domain.invitations import (
    Invitation,
    InvitationState,
    brings_a_new_account,
    is_for,
    masked,
    shows_whose,
    split_token,
    state_of,
    token_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=7)


def _invitation(**changes: object) -> Invitation:
    fields: dict[str, object] = {
        "id": ID,
        "client_id": ID,
        "purpose": "join",
        "invited_by": ID,
        "email": "mia@example.com",
        "name": None,
        "pod_id": None,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=7),
        "revoked_at": None,
        "used_at": None,
        "user_id": None,
    }
    return Invitation(**(fields | changes))  # type: ignore[arg-type] # names as above


def test_what_has_become_of_an_invitation() -> None:
    """e2: open, expired, revoked and used are four answers."""
    end = NOW + timedelta(days=7)
    assert state_of(_invitation(), end - timedelta(microseconds=1)) is InvitationState.OPEN
    assert state_of(_invitation(), end) is InvitationState.EXPIRED
    assert state_of(_invitation(revoked_at=NOW), end) is InvitationState.REVOKED
    assert state_of(_invitation(used_at=NOW, user_id=ID), end) is InvitationState.USED


def test_whom_an_invitation_is_for() -> None:
    """e2: for an address it is for that address alone, however it is written."""
    assert is_for(_invitation(), "MIA@example.com")
    assert not is_for(_invitation(), "noa@example.com")
    assert not is_for(_invitation(), "")
    assert not is_for(_invitation(), "mïa@example.com")
    assert is_for(_invitation(email=None), "noa@example.com")


def test_an_address_is_shown_to_who_knows_it() -> None:
    """Who was passed the link does not learn whose it is."""
    assert masked("mia.berg@example.com") == "m…@example.com"


@pytest.mark.parametrize(
    "token", ["", ".", "x.y", f"{ID.hex}", f"{ID.hex}.", ".secret", f"{ID.hex}.é", "0" * 32 + "x.y"]
)
def test_what_is_no_token(token: str) -> None:
    """A made-up token is told from one before the database is asked."""
    assert split_token(token) is None


def test_a_token_is_read_as_it_was_made() -> None:
    """It names its invitation, and carries the secret."""
    assert split_token(token_of(ID, "sec-ret_1")) == (ID, "sec-ret_1")


@pytest.mark.parametrize("purpose", ["join", "return", None])
def test_a_new_account_shows_who_joined_alone(purpose: str | None) -> None:
    """INVARIANT (4): who comes back, by a link or another's password, shows one of before."""
    joined = purpose == "join"
    assert brings_a_new_account(purpose, proven=False, owns=False) is joined
    assert not brings_a_new_account(purpose, proven=False, owns=True)
    assert brings_a_new_account(purpose, proven=True, owns=True)
    assert shows_whose(purpose, again=False, alone=True) is joined
    assert not shows_whose(purpose, again=False, alone=False)
    assert shows_whose(purpose, again=True, alone=False)
