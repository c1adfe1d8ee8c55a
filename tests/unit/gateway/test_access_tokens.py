"""Our own access tokens, and those of an outside issuer."""

import base64
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pydantic import SecretStr

from chorus.clock import SystemClock
from chorus.errors import DependencyUnavailable
from chorus.ids import new_id
from chorus.testing import FakeClock
from chorus_gateway.domain.roles import Role
from chorus_gateway.identity.access_tokens import AccessTokens, NotSignedIn
from chorus_gateway.identity.outside_issuer import OutsideIssuer

SECRET = SecretStr("s" * 32)
ISSUER = "https://id.example.com"


def test_a_token_speaks_for_a_person_until_it_expires() -> None:
    """Sign-in: 15 minutes."""
    tokens, clock, ids = (
        AccessTokens(SECRET),
        FakeClock(),
        {"client_id": new_id(), "user_id": new_id(), "session_id": new_id()},
    )
    token = tokens.issue(**ids, now=clock.now())
    claims = tokens.read(token, now=clock.now())
    assert (claims.client_id, claims.user_id, claims.session_id) == tuple(ids.values())
    clock.advance(timedelta(minutes=15))
    with pytest.raises(NotSignedIn, match="expired"):
        tokens.read(token, now=clock.now())


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-api"},
        {"iss": "somebody"},
        {"exp": "soon"},
        {"exp": None},
        {"sub": "nobody"},
        {"cid": None},
        {"sid": None},
        {"sid": "none"},
    ],
)
def test_a_token_that_says_something_else_is_refused(change: dict[str, Any]) -> None:
    """Each claim is looked at."""
    now = FakeClock().now()
    token = AccessTokens(SECRET).issue(
        client_id=new_id(), user_id=new_id(), session_id=new_id(), now=now
    )
    key = SECRET.get_secret_value()
    claims = jwt.decode(token, key, algorithms=["HS256"], options={"verify_signature": False})
    forged = {name: value for name, value in (claims | change).items() if value is not None}
    with pytest.raises(NotSignedIn):
        AccessTokens(SECRET).read(jwt.encode(forged, key, algorithm="HS256"), now=now)


def test_a_token_without_our_signature_is_refused() -> None:
    """INVARIANT: neither another key, nor another algorithm, nor none."""
    now = FakeClock().now()
    tokens = AccessTokens(SECRET)
    good = tokens.issue(client_id=new_id(), user_id=new_id(), session_id=new_id(), now=now)
    claims = jwt.decode(good, options={"verify_signature": False})
    key = SECRET.get_secret_value()
    forged = [
        jwt.encode(claims, "o" * 32, algorithm="HS256"),
        jwt.encode(claims, key * 2, algorithm="HS512"),
        jwt.encode(claims, "", algorithm="none"),
        good[:-2],
        "",
    ]
    for token in forged:
        with pytest.raises(NotSignedIn):
            tokens.read(token, now=now)


class _Issuer:
    """An outside issuer: a key, its JWKS, and how often that was asked for."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = "k1"
        self.asked = 0
        self.status = 200

    def answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        public = orjson.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        keys = [public | {"kid": self.kid, "alg": "ES256", "use": "sig"}]
        return httpx.Response(self.status, json={"keys": keys})

    def token(self, **changes: Any) -> str:
        now = int(SystemClock().now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": "chorus",
            "sub": "u1",
            "iat": now,
            "exp": now + 600,
            "email": "Ada@Example.com",
            "chorus_client_id": "0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e",
            "chorus_role": "admin",
        }
        return jwt.encode(claims | changes, self.key, algorithm="ES256", headers={"kid": self.kid})


@pytest.fixture
def issuer() -> _Issuer:
    return _Issuer()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def outside(issuer: _Issuer, clock: FakeClock) -> AsyncIterator[OutsideIssuer]:
    transport = httpx.MockTransport(issuer.answer)
    async with httpx.AsyncClient(transport=transport) as client:
        yield OutsideIssuer(
            client, issuer=ISSUER, jwks_url=f"{ISSUER}/jwks", audience="chorus", clock=clock
        )


async def test_an_outside_token_names_tenant_and_role(
    outside: OutsideIssuer, issuer: _Issuer, clock: FakeClock
) -> None:
    """OIDC: verified with the issuer's keys, which are kept for a while."""
    token = issuer.token()
    assert outside.issued(token)
    assert not outside.issued("x")
    for _ in range(3):
        await outside.read(token)
    claims = await outside.read(token)
    assert (claims.role, claims.email, claims.subject) == (Role.ADMIN, "ada@example.com", "u1")
    assert issuer.asked == 1
    clock.advance(timedelta(minutes=11))
    await outside.read(token)
    assert issuer.asked == 2


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "other"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"chorus_role": "god"},
        {"chorus_client_id": "x"},
    ],
)
async def test_an_outside_token_that_is_not_for_us_is_refused(
    outside: OutsideIssuer, issuer: _Issuer, change: dict[str, Any]
) -> None:
    """OIDC: audience, issuer, time, tenant and role are looked at."""
    with pytest.raises(NotSignedIn):
        await outside.read(issuer.token(**change))


async def test_a_forged_outside_token_is_refused(outside: OutsideIssuer, issuer: _Issuer) -> None:
    """INVARIANT: a public key is no shared secret, and no signature is none."""
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    attempts: list[Callable[[], str]] = [
        lambda: jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "k1"}),
        lambda: jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"}),
        lambda: jwt.encode(
            claims,
            ec.generate_private_key(ec.SECP256R1()),
            algorithm="ES256",
            headers={"kid": "k1"},
        ),
    ]
    for forge in attempts:
        with pytest.raises(NotSignedIn):
            await outside.read(forge())


async def test_a_new_key_is_fetched_and_unknown_ones_do_not_flood_the_issuer(
    outside: OutsideIssuer, issuer: _Issuer, clock: FakeClock
) -> None:
    """OIDC: key rotation; an unknown key asks again at most every 30 seconds."""
    await outside.read(issuer.token())
    issuer.kid = "k2"
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            await outside.read(issuer.token())
    assert issuer.asked == 1
    clock.advance(timedelta(seconds=31))
    await outside.read(issuer.token())
    assert issuer.asked == 2


async def test_an_issuer_that_does_not_answer_is_no_verdict(
    outside: OutsideIssuer, issuer: _Issuer
) -> None:
    """503, not 401."""
    issuer.status = 500
    with pytest.raises(DependencyUnavailable):
        await outside.read(issuer.token())


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_a_token_with_a_deep_head_is_no_token(depth: int) -> None:
    """Finding E7, the same kind: what stands in a header is read before any signature."""
    head = base64.urlsafe_b64encode(b"[" * depth).rstrip(b"=").decode()
    with pytest.raises(NotSignedIn):
        AccessTokens(SECRET).read(f"{head}.e30.x", now=FakeClock().now())
