"""Access tokens: our own (HS256), or those of an outside issuer, whose keys come by JWKS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import jwt
from pydantic import SecretStr

from chorus.errors import ChorusError
from chorus.ids import new_id
from chorus_gateway.domain.tokens import AUDIENCE, ISSUER, access_claims

_ALGORITHM: Final = "HS256"


class NotSignedIn(ChorusError):
    """The request holds no token that we accept. The message never holds the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Whom a token speaks for."""

    client_id: UUID
    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Makes and reads our own access tokens."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    def issue(self, *, client_id: UUID, user_id: UUID, session_id: UUID, now: datetime) -> str:
        """A signed token that lives for 15 minutes."""
        claims = access_claims(
            client_id=client_id,
            user_id=user_id,
            session_id=session_id,
            token_id=new_id(),
            now=now,
        )
        return jwt.encode(claims, self._secret.get_secret_value(), algorithm=_ALGORITHM)

    def read(self, token: str, *, now: datetime) -> Claims:
        """Verify a token. Raises NotSignedIn."""
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._secret.get_secret_value(),
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "sub", "cid", "sid"],
                    # By our clock, below: a test moves it.
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            expires = int(claims["exp"])
            found = Claims(
                client_id=UUID(str(claims["cid"])),
                user_id=UUID(str(claims["sub"])),
                session_id=UUID(str(claims["sid"])),
            )
        # RecursionError: the head of a token is JSON too, and is read before its signature.
        except (
            jwt.InvalidTokenError,
            ValueError,
            TypeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise NotSignedIn("The access token is not valid. Sign in again.") from error
        if expires <= now.timestamp():
            raise NotSignedIn("The access token has expired. Refresh it, or sign in again.")
        return found
