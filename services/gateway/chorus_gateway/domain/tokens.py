"""What an access token claims, and how long tokens live."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
REFRESH_TOKEN_LIFE: Final = timedelta(days=30)
REFRESH_GRACE: Final = timedelta(seconds=30)
"""Two tabs at once, or an answer that was lost: the same token may come again for so long."""
ISSUER: Final = "chorus"
AUDIENCE: Final = "chorus-api"


class RefreshVerdict(StrEnum):
    """What a refresh token is worth."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPEATED = "repeated"
    """It was used a moment ago: whoever repeats it is given the same successor again."""
    REUSED = "reused"
    """It was used before: somebody holds a copy, so its whole family ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A stored refresh token."""

    id: UUID
    client_id: UUID
    user_id: UUID
    family_id: UUID
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def judge(token: RefreshToken, now: datetime) -> RefreshVerdict:
    """Whether a refresh token may be exchanged now. Reuse is told before anything else."""
    if token.used_at is not None:
        at_once = now - token.used_at <= REFRESH_GRACE
        in_force = token.revoked_at is None and token.expires_at > now
        return RefreshVerdict.REPEATED if at_once and in_force else RefreshVerdict.REUSED
    if token.revoked_at is not None:
        return RefreshVerdict.REVOKED
    if token.expires_at <= now:
        return RefreshVerdict.EXPIRED
    return RefreshVerdict.GOOD


def access_claims(
    *, client_id: UUID, user_id: UUID, session_id: UUID, token_id: UUID, now: datetime
) -> dict[str, Any]:
    """The claims of an access token (RFC 7519).

    The role is not among them: it is looked up, so that a change of it holds at once.
    """
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "cid": str(client_id),
        "sid": str(session_id),
        "jti": str(token_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_TOKEN_LIFE).timestamp()),
    }
