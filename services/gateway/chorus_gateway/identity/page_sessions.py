"""Who is in front of our pages: a session on the server, of which the browser holds the secret."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection
from chorus_gateway.domain.invitations import SESSION_LIFE
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.roles import Role
from chorus_gateway.identity import secrets
from chorus_gateway.store import page_sessions, users
from chorus_gateway.store.database import Database
from chorus_gateway.store.page_sessions import PageSession
from chorus_gateway.store.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is known. `has_password`: they can come back by themselves.

    `outside`: an outside issuer says who they are, so they have no password here.
    """

    session: PageSession
    user: User
    has_password: bool
    outside: bool = False

    @property
    def may_choose_password(self) -> bool:
        """Here; who has one elsewhere does not."""
        return not self.outside and self.session.chooses_password(present=self.has_password)

    @property
    def principal(self) -> Principal:
        """What they may do on our pages: for their own accounts, whatever else they are.

        A session that proved nothing is as a password that somebody else chose.
        """
        proof = Proof(kind=ProofKind.PAGE, id=self.session.id)
        return Principal(
            client_id=self.session.client_id,
            user_id=self.user.id,
            name=self.user.name,
            role=proof.role_of(Role(self.user.role)),
            proof=proof,
            temporary=self.session.proven_at is None,
        )


class PageSessions:
    """Looked up each time, so that an end of them is in force at once."""

    def __init__(self, database: Database, clock: Clock, *, key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = key

    async def find(self, secret: str | None) -> Visitor | None:
        """Whose secret this is; None: nobody's, or of a session that is over."""
        if not secret or not secret.isascii():
            return None
        async with self._database.nobody() as conn:
            found = await page_sessions.find_by_secret(conn, secrets.digest(secret))
        if found is None:
            return None
        async with self._database.tenant(found.client_id) as conn:
            session = await page_sessions.alive(conn, found.id, self._clock.now())
            user = await users.find(conn, session.user_id) if session else None
            credentials = await users.password_of(conn, user.id) if user else None
        if session is None or user is None or not user.active:
            return None
        has_password = credentials is not None and credentials.password_hash is not None
        outside = credentials is not None and credentials.outside
        return Visitor(session=session, user=user, has_password=has_password, outside=outside)

    async def open(
        self, conn: Connection, user: User, *, proven: bool, invitation_id: UUID | None = None
    ) -> str:
        """A new session in the transaction of its tenant; answers its secret, shown once."""
        now, secret = self._clock.now(), secrets.new_link_secret()
        session = PageSession(
            id=new_id(),
            client_id=user.client_id,
            user_id=user.id,
            invitation_id=invitation_id,
            created_at=now,
            expires_at=now + SESSION_LIFE,
            proven_at=now if proven else None,
        )
        await page_sessions.add(conn, session, secrets.digest(secret))
        return secret

    async def close(self, session: PageSession) -> None:
        """It is over, whoever holds a copy of its secret."""
        async with self._database.tenant(session.client_id) as conn:
            await page_sessions.end(conn, session.id, self._clock.now())

    def form_token(self, holder: str) -> str:
        """What each form carries: worked out from the secret of the browser that shows it."""
        return hmac.new(self._key, f"form/{holder}".encode(), sha256).hexdigest()

    def fits(self, holder: str | None, token: str) -> bool:
        """Whether a form was shown in the browser that sends it."""
        if not holder:
            return False
        return hmac.compare_digest(self.form_token(holder).encode(), token.encode())
