"""Signing in with a password, and keeping signed in by tokens that are used once."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.errors import ChorusError
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.domain.tokens import (
    ACCESS_TOKEN_LIFE,
    REFRESH_TOKEN_LIFE,
    RefreshToken,
    RefreshVerdict,
    judge,
)
from chorus_gateway.identity import secrets
from chorus_gateway.identity.access_tokens import AccessTokens, NotSignedIn
from chorus_gateway.identity.passwords import Passwords
from chorus_gateway.store import audit, sessions, users
from chorus_gateway.store.database import Database

_log = structlog.get_logger(__name__)

WINDOW: Final = timedelta(minutes=15)
PER_EMAIL: Final = 10
PER_ADDRESS: Final = 100


class TooManyAttempts(ChorusError):
    """Somebody tries passwords. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many attempts to sign in.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in gives. The refresh token is good once."""

    access_token: str
    refresh_token: str
    expires_in: int


class SignIn:
    """Password → tokens, refresh token → tokens, and out."""

    def __init__(
        self, database: Database, passwords: Passwords, tokens: AccessTokens, clock: Clock
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock

    async def sign_in(self, *, email: str, password: str, address: str) -> Tokens:
        """Raises NotSignedIn (in the same time, whatever was wrong) or TooManyAttempts."""
        subjects = (
            (_subject("email", email.lower()), PER_EMAIL),
            (_subject("address", address), PER_ADDRESS),
        )
        async with self._database.nobody() as conn:
            waits = [
                await sessions.take_attempt(conn, subject, limit=limit, window=WINDOW)
                for subject, limit in subjects
            ]
            found = await users.find_sign_in(conn, email)
        if max(waits) > 0:
            raise TooManyAttempts(max(waits))
        digest = found.password_hash if found else None
        if not await self._passwords.verify(password, digest) or found is None or digest is None:
            _log.info("sign_in.refused", address=address)
            raise NotSignedIn("E-mail or password is wrong.")
        async with self._database.tenant(found.client_id) as conn:
            for subject, _ in subjects:
                await sessions.return_attempt(conn, subject)
            if self._passwords.outdated(digest):
                renewed = await self._passwords.hash(password)
                await users.save_password(conn, found.user_id, renewed)
            await self._note(conn, found.client_id, found.user_id, "session.signed_in", address)
            return await self._issue(conn, found.client_id, found.user_id, family_id=new_id())

    async def refresh(self, token: str) -> Tokens:
        """Exchange a refresh token; a second use ends its whole family. Raises NotSignedIn."""
        found = await self._find(token)
        now = self._clock.now()
        async with self._database.tenant(found.client_id) as conn:
            stored = await sessions.lock_refresh_token(conn, found.id)
            verdict = judge(stored, now) if stored else RefreshVerdict.REVOKED
            if stored and verdict is RefreshVerdict.GOOD:
                user = await users.find(conn, stored.user_id)
                if user is not None and user.active:
                    await sessions.use_refresh_token(conn, stored.id, now)
                    return await self._issue(
                        conn, stored.client_id, stored.user_id, family_id=stored.family_id
                    )
            if stored and verdict is RefreshVerdict.REUSED:
                ended = await sessions.revoke_family(conn, stored.family_id, now)
                await self._note(
                    conn, stored.client_id, stored.user_id, "session.token_reused", None
                )
                _log.warning("sign_in.token_reused", user_id=str(stored.user_id), ended=ended)
        raise NotSignedIn(f"The refresh token is {verdict.value}. Sign in again.")

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
        self, conn: Connection, client_id: UUID, user_id: UUID, *, family_id: UUID
    ) -> Tokens:
        now = self._clock.now()
        secret = secrets.new_refresh_token()
        token = RefreshToken(
            id=new_id(),
            client_id=client_id,
            user_id=user_id,
            family_id=family_id,
            expires_at=now + REFRESH_TOKEN_LIFE,
            used_at=None,
            revoked_at=None,
        )
        await sessions.add_refresh_token(conn, token, secrets.digest(secret))
        access = self._tokens.issue(client_id=client_id, user_id=user_id, now=now)
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
            detail={},
            address=address,
            trace_id=None,
        )


def _subject(kind: str, value: str) -> bytes:
    return sha256(f"{kind}/{value}".encode()).digest()
