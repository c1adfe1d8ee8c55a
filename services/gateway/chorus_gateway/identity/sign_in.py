"""Signing in with a password, and keeping signed in by tokens that are used once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.domain.tokens import (
    ACCESS_TOKEN_LIFE,
    REFRESH_TOKEN_LIFE,
    RefreshToken,
    RefreshVerdict,
    judge,
)
from chorus_gateway.identity import guessing, secrets
from chorus_gateway.identity.access_tokens import AccessTokens, NotSignedIn
from chorus_gateway.identity.guessing import Attempt, Devices
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.store import audit, sessions, users
from chorus_gateway.store.database import Database
from chorus_gateway.store.users import Credentials

_log = structlog.get_logger(__name__)

_GOOD: Final = RefreshVerdict.GOOD
_EXCHANGED: Final = (RefreshVerdict.GOOD, RefreshVerdict.REPEATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in gives. The refresh token is good once."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Tokens, and what the device is to show the next time; None where it was known already."""

    tokens: Tokens
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Whoever a password is of; `device` as in `SignedIn`, `digest` the one that it fits."""

    client_id: UUID
    user_id: UUID
    device: str | None
    digest: str = field(repr=False)


async def require_password(conn: Connection, known: Recognised) -> None:
    """In the transaction that opens a session: the password may have ended while it was verified.

    Raises NotSignedIn.
    """
    if not await users.still_signs_in(conn, known.user_id, known.digest):
        raise NotSignedIn("E-mail or password is wrong.")


class SignIn:
    """Password → tokens, refresh token → tokens, and out."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: AccessTokens,
        clock: Clock,
        *,
        key: bytes,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._key = key
        self._devices = Devices(key)

    async def sign_in(
        self, *, email: str, password: str, address: str, device: str | None = None
    ) -> SignedIn:
        """Raises NotSignedIn (in the same time, whatever was wrong) or TooManyAttempts."""
        known = await self.recognise(email=email, password=password, address=address, device=device)
        async with self._database.tenant(known.client_id) as conn:
            await require_password(conn, known)
            tokens = await self._issue(
                conn,
                known.client_id,
                known.user_id,
                family_id=new_id(),
                secret=secrets.new_refresh_token(),
            )
        return SignedIn(tokens=tokens, device=known.device)

    async def recognise(
        self, *, email: str, password: str, address: str, device: str | None = None
    ) -> Recognised:
        """Whose password it is, noted in the audit log. Raises as `sign_in` does."""
        async with self._database.nobody() as conn:
            candidates = await users.find_sign_ins(conn, email)
        known = next((one for one in candidates if self._devices.known(one.user_id, device)), None)
        found, attempt = None, None
        if known is not None:
            # A known device guesses at its own person first, and is counted for that alone.
            name = self._devices.known(known.user_id, device)
            found, attempt = await self._guess(email, password, address, [known], name)
        others = [one for one in candidates if one is not known]
        if found is None and (others or known is None):
            found, attempt = await self._guess(email, password, address, others)
        if found is None or attempt is None or found.password_hash is None:
            _log.info("sign_in.refused", address=address)
            raise NotSignedIn("E-mail or password is wrong.")
        async with self._database.tenant(found.client_id) as conn:
            await guessing.forgive(conn, attempt, found.user_id)
            digest = await self._renewed(conn, found.user_id, password, found.password_hash)
            await self._note(conn, found.client_id, found.user_id, "session.signed_in", address)
        device = None if found is known else self._devices.new(found.user_id)
        return Recognised(
            client_id=found.client_id, user_id=found.user_id, device=device, digest=digest
        )

    async def _renewed(self, conn: Connection, user_id: UUID, password: str, digest: str) -> str:
        """The digest of a password that fits, made anew where it is of other parameters."""
        if not self._passwords.outdated(digest):
            return digest
        renewed = await self._passwords.hash(password)
        if await users.renew_digest(conn, user_id, digest, renewed):
            return renewed
        # Ended or changed, or made anew by another sign-in with the same password.
        present = await users.password_of(conn, user_id)
        other = present.password_hash if present else None
        return other if other and await self._passwords.verify(password, other) else digest

    async def _guess(
        self,
        email: str,
        password: str,
        address: str,
        candidates: Sequence[Credentials],
        device: str | None = None,
    ) -> tuple[Credentials | None, Attempt]:
        people = [one.user_id for one in candidates]
        async with self._database.nobody() as conn:
            attempt = await guessing.take(
                conn, email=email, address=address, people=people, device=device
            )
        return await self._fitting(candidates, password), attempt

    async def _fitting(
        self, candidates: Sequence[Credentials], password: str
    ) -> Credentials | None:
        """Of the teams that know the e-mail the first whose password it is. None, one or two of
        them: the work is the same.
        """
        found = None
        for nth in range(max(2, len(candidates))):
            candidate = candidates[nth] if nth < len(candidates) else None
            digest = candidate.password_hash if candidate else None
            if await self._passwords.verify(password, digest) and found is None:
                found = candidate
        return found

    async def refresh(self, token: str) -> Tokens:
        """Exchange a refresh token. A second use within the grace gives the same successor again;
        a later one ends the whole family. Raises NotSignedIn.
        """
        found = await self._find(token)
        now = self._clock.now()
        async with self._database.tenant(found.client_id) as conn:
            stored = await sessions.lock_refresh_token(conn, found.id)
            verdict = judge(stored, now) if stored else RefreshVerdict.REVOKED
            user = await users.find(conn, stored.user_id) if stored else None
            if stored and user and user.active and verdict in _EXCHANGED:
                return await self._exchange(conn, stored, token, first=verdict is _GOOD)
            if stored and verdict is RefreshVerdict.REUSED:
                ended = await sessions.revoke_family(conn, stored.family_id, now)
                await self._note(
                    conn, stored.client_id, stored.user_id, "session.token_reused", None
                )
                _log.warning("sign_in.token_reused", user_id=str(stored.user_id), ended=ended)
        raise NotSignedIn(f"The refresh token is {verdict.value}. Sign in again.")

    async def _exchange(
        self, conn: Connection, stored: RefreshToken, token: str, *, first: bool
    ) -> Tokens:
        # Worked out from the token, so that a repetition has the same successor and the family
        # stays one line: of two who hold a copy, the second to go on is found out.
        secret = secrets.successor(self._key, token)
        if first:
            await sessions.use_refresh_token(conn, stored.id, self._clock.now())
        return await self._issue(
            conn,
            stored.client_id,
            stored.user_id,
            family_id=stored.family_id,
            secret=secret,
            stored=not first,
        )

    async def sign_out(self, token: str) -> None:
        """End the family of a refresh token. Nothing is told about tokens that are not known."""
        async with self._database.nobody() as conn:
            found = await sessions.find_refresh_token(conn, secrets.digest(token))
        if found is None:
            return
        async with self._database.tenant(found.client_id) as conn:
            stored = await sessions.lock_refresh_token(conn, found.id)
            if stored is not None:
                await sessions.revoke_family(conn, stored.family_id, self._clock.now())

    async def _find(self, token: str) -> sessions.Found:
        async with self._database.nobody() as conn:
            found = await sessions.find_refresh_token(conn, secrets.digest(token))
        if found is None:
            raise NotSignedIn("The refresh token is not known. Sign in again.")
        return found

    async def _issue(
        self,
        conn: Connection,
        client_id: UUID,
        user_id: UUID,
        *,
        family_id: UUID,
        secret: str,
        stored: bool = False,
    ) -> Tokens:
        now = self._clock.now()
        token = RefreshToken(
            id=new_id(),
            client_id=client_id,
            user_id=user_id,
            family_id=family_id,
            expires_at=now + REFRESH_TOKEN_LIFE,
            used_at=None,
            revoked_at=None,
        )
        if not stored:
            await sessions.add_refresh_token(conn, token, secrets.digest(secret))
        access = self._tokens.issue(
            client_id=client_id, user_id=user_id, session_id=family_id, now=now
        )
        expires_in = int(ACCESS_TOKEN_LIFE.total_seconds())
        return Tokens(access_token=access, refresh_token=secret, expires_in=expires_in)

    async def _note(
        self, conn: Connection, client_id: UUID, user_id: UUID, action: str, address: str | None
    ) -> None:
        await audit.add(
            conn,
            client_id=client_id,
            actor=f"user:{user_id}",
            actor_id=user_id,
            action=action,
            subject_id=user_id,
            address=address,
        )
