"""Tokens of an outside OpenID Connect issuer, verified with the keys it publishes (RFC 7517)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import jwt
from jwt.types import Options

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus_gateway.domain.roles import Role
from chorus_gateway.identity.access_tokens import NotSignedIn

# Asymmetric ones alone: with a shared secret whoever verifies could also sign.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
_KEYS_LIVE: Final = timedelta(minutes=10)
_ASK_AGAIN: Final = timedelta(seconds=30)
_LEEWAY: Final = 30
_OPTIONS: Final[Options] = {"require": ["exp", "iat", "sub"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideClaims:
    """Whom the issuer's token speaks for, and as what."""

    client_id: UUID
    subject: str
    email: str
    name: str
    role: Role
    issued_at: datetime
    """By the issuer's clock."""


class OutsideIssuer:
    """Reads the tokens of one issuer. Its keys are fetched when needed and kept 10 minutes.

    Tenant and role come from the claims `chorus_client_id` and `chorus_role`.
    """

    def __init__(
        self, client: httpx.AsyncClient, *, issuer: str, jwks_url: str, audience: str, clock: Clock
    ) -> None:
        self._client = client
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._audience = audience
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    def issued(self, token: str) -> bool:
        """Whether the token says it is this issuer's; nothing is verified yet."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.InvalidTokenError, RecursionError):
            return False
        return bool(claims.get("iss") == self._issuer)

    async def read(self, token: str) -> OutsideClaims:
        """Verify a token. Raises NotSignedIn; DependencyUnavailable when the keys cannot be had."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options=_OPTIONS,
            )
            return OutsideClaims(
                client_id=UUID(str(claims["chorus_client_id"])),
                subject=str(claims["sub"])[:200],
                email=str(claims["email"]).lower()[:254],
                name=str(claims.get("name") or claims["email"])[:200],
                role=Role(str(claims["chorus_role"])),
                issued_at=datetime.fromtimestamp(float(claims["iat"]), UTC),
            )
        except (jwt.PyJWTError, KeyError, ValueError, OverflowError, RecursionError) as error:
            raise NotSignedIn("The token of the outside issuer is not valid here.") from error

    async def _key(self, kid: str) -> jwt.PyJWK:
        async with self._asking:
            if self._worth_asking(kid):
                self._keys = await self._fetch()
                self._asked_at = self._clock.now()
        if kid not in self._keys:
            raise NotSignedIn("The token is signed with a key that its issuer does not publish.")
        return self._keys[kid]

    def _worth_asking(self, kid: str) -> bool:
        if self._asked_at is None:
            return True
        age = self._clock.now() - self._asked_at
        return age > (_KEYS_LIVE if kid in self._keys else _ASK_AGAIN)

    async def _fetch(self) -> dict[str, jwt.PyJWK]:
        try:
            response = await self._client.get(self._jwks_url)
            response.raise_for_status()
            found = jwt.PyJWKSet.from_dict(response.json())
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            raise DependencyUnavailable("The outside issuer's keys could not be had.") from error
        return {key.key_id: key for key in found.keys if key.key_id}
