"""From the Authorization header to a principal; what may change is looked up each time."""

from chorus.clock import Clock
from chorus.ids import new_id
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.roles import Role, Scope
from chorus_gateway.identity import secrets
from chorus_gateway.identity.access_tokens import AccessTokens, NotSignedIn
from chorus_gateway.identity.outside_issuer import OutsideClaims, OutsideIssuer
from chorus_gateway.store import clients, sessions, users
from chorus_gateway.store.database import Database
from chorus_gateway.store.users import User

_GONE = "This person may not sign in any more."


class Authenticator:
    """Knows our access tokens, API keys and, where there is one, an outside issuer's tokens."""

    def __init__(
        self, database: Database, tokens: AccessTokens, clock: Clock, outside: OutsideIssuer | None
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._outside = outside

    async def principal(self, authorization: str | None) -> Principal:
        """Who is asking. Raises NotSignedIn."""
        scheme, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret or not secret.isascii():
            raise NotSignedIn("Send an access token: `Authorization: Bearer …`.")
        if secret.startswith(secrets.API_KEY_PREFIX):
            return await self._by_key(secret)
        if self._outside is not None and self._outside.issued(secret):
            return await self._by_outside_token(await self._outside.read(secret))
        claims = self._tokens.read(secret, now=self._clock.now())
        async with self._database.tenant(claims.client_id) as conn:
            user = await users.find(conn, claims.user_id)
            goes_on = await sessions.alive(
                conn, claims.session_id, claims.user_id, self._clock.now()
            )
        if not goes_on:
            raise NotSignedIn("The session has ended. Sign in again.")
        return _of(user, Proof(kind=ProofKind.SESSION, id=claims.session_id))

    async def _by_key(self, secret: str) -> Principal:
        async with self._database.nobody() as conn:
            found = await sessions.find_api_key(conn, secrets.digest(secret))
        if found is None:
            raise NotSignedIn("The API key is not known.")
        async with self._database.tenant(found.client_id) as conn:
            key = await sessions.use_api_key(conn, found.id, self._clock.now())
            user = await users.find(conn, key.user_id) if key else None
        if key is None:
            raise NotSignedIn("The API key was revoked or has expired.")
        proof = Proof(kind=ProofKind.KEY, id=key.id)
        return _of(user, proof, scopes=frozenset(map(Scope, key.scopes)))

    async def _by_outside_token(self, claims: OutsideClaims) -> Principal:
        """The role is what the issuer said last, for the person and for their keys."""
        async with self._database.tenant(claims.client_id) as conn:
            if await clients.find(conn, claims.client_id) is None:
                raise NotSignedIn("The token names a tenant that is not here.")
            user = await users.find_external(conn, claims.subject)
            if user is None:
                user = await users.add(
                    conn,
                    user_id=new_id(),
                    client_id=claims.client_id,
                    email=claims.email,
                    name=claims.name,
                    role=claims.role,
                    password_hash=None,
                    external_subject=claims.subject,
                )
                # Two first requests at once: the other one made the person.
                user = user or await users.find_external(conn, claims.subject)
            said = await users.say_role(
                conn, claims.subject, role=claims.role, said_at=claims.issued_at
            )
            user = said or user
        if user is None:
            raise NotSignedIn("The e-mail of this token belongs to somebody else here.")
        return _of(user, Proof(kind=ProofKind.ISSUER, id=user.id))


def _of(user: User | None, proof: Proof, *, scopes: frozenset[Scope] | None = None) -> Principal:
    if user is None or not user.active:
        raise NotSignedIn(_GONE)
    return Principal(
        client_id=user.client_id,
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        proof=proof,
        scopes=scopes,
        temporary=user.password_temporary,
    )
