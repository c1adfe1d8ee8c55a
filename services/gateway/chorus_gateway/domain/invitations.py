"""Invitations: a link with one purpose that ends by itself, is good once, and can be taken back.

A link proves nobody: whoever was given it may have passed it on. What it opens is a session that
looks and stops; in it a person shows who they are by their own account at the provider's page.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

LIFE_DAYS: Final = 7
LONGEST_DAYS: Final = 30
MAX_OPEN: Final = 1_000
"""Invitations of a team that wait at the same time."""
SESSION_LIFE: Final = timedelta(days=90)


class Purpose(StrEnum):
    """What a link is for, and for nothing else."""

    JOIN = "join"
    RETURN = "return"
    """Somebody is in the team already, and their browser has forgotten them."""


class InvitationState(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A stored invitation. `user_id` is who came of it, or whom it brings back."""

    id: UUID
    client_id: UUID
    purpose: str
    invited_by: UUID
    email: str | None
    name: str | None
    pod_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    user_id: UUID | None


def state_of(invitation: Invitation, now: datetime) -> InvitationState:
    """Used and revoked are told before expired: they are what somebody did."""
    if invitation.used_at is not None:
        return InvitationState.USED
    if invitation.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if now < invitation.expires_at else InvitationState.EXPIRED


def brings_a_new_account(purpose: str | None, *, proven: bool, owns: bool) -> bool:
    """Whether a new account may be connected in a session of this purpose (None: a password's).

    A new one shows who somebody is only where nobody was that person before: by the link that they
    joined by. Who comes back signs in again an account of theirs, and then connects others.
    """
    return proven or (purpose == Purpose.JOIN and not owns)


def shows_whose(purpose: str | None, *, again: bool, alone: bool) -> bool:
    """Whether an account that was connected in a session shows whose the session is.

    `again`: it was theirs before; `alone`: they have no other.
    """
    return again or (purpose == Purpose.JOIN and alone)


def token_of(invitation_id: UUID, secret: str) -> str:
    """What the address of an invitation ends with."""
    return f"{invitation_id.hex}.{secret}"


def split_token(token: str) -> tuple[UUID, str] | None:
    """Invitation and secret of a token; None: it has not the form of one."""
    name, dot, secret = token.partition(".")
    if not dot or not secret or not token.isascii() or len(token) > 200:
        return None
    try:
        return UUID(hex=name), secret
    except ValueError:
        return None


def is_for(invitation: Invitation, email: str) -> bool:
    """Whether somebody with this address is the one whom it is for."""
    if invitation.email is None:
        return True
    return hmac.compare_digest(invitation.email.encode(), email.lower().encode())


def masked(email: str) -> str:
    """As much of an address as lets its person know it, and nobody else: `m…@example.com`."""
    local, _, host = email.partition("@")
    return f"{local[:1]}…@{host}"
