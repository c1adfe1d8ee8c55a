"""People of an outside issuer, and what is cleaned up behind everybody."""

import asyncio
from collections.abc import AsyncIterator
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
from chorus.ids import new_id
from chorus.testing import eventually
from chorus_gateway.api.application import create_app
from chorus_gateway.app import assemble, outside_issuer
from chorus_gateway.purging import Purging
from chorus_gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import Tenant, World, client_of

ISSUER = "https://id.example.com"
KEY = ec.generate_private_key(ec.SECP256R1())


def _token(tenant: Tenant, **changes: Any) -> dict[str, str]:
    now = SystemClock().now()
    claims = {
        "iss": ISSUER,
        "aud": "chorus",
        "sub": "outside-1",
        "iat": now,
        "exp": now + timedelta(minutes=10),
        "email": "eve@example.com",
        "name": "Eve",
        "chorus_client_id": str(tenant.client_id),
        "chorus_role": "member",
    }
    token = jwt.encode(claims | changes, KEY, algorithm="ES256", headers={"kid": "k"})
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The application as it is set up with an outside issuer."""
    settings = GatewaySettings(
        jwt_secret=SecretStr("s" * 32),
        internal_token=SecretStr("i" * 32),
        scheduler_url="http://127.0.0.1:1",
        oidc_issuer=ISSUER,
        oidc_jwks_url=f"{ISSUER}/jwks",
        oidc_audience="chorus",
    )
    public = orjson.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k", "alg": "ES256"}
    issuer = httpx.MockTransport(lambda _: httpx.Response(200, json={"keys": [public]}))
    async with httpx.AsyncClient(transport=issuer) as client:
        outside = outside_issuer(settings, client, world.clock)
        gateway = assemble(settings, world.pool, world.scheduler, world.clock, outside=outside)
        yield client_of(create_app(gateway, version="0"))


async def test_an_outside_person_is_known_by_their_token(
    http: httpx.AsyncClient, ada: Tenant
) -> None:
    """OIDC: made at their first request, the same person ever after, in the role of the token."""
    seen = [(await http.get("/api/me", headers=_token(ada))).json() for _ in range(2)]
    assert seen[0] == seen[1]
    assert seen[0]["user"]["email"] == "eve@example.com"
    assert seen[0]["permissions"] == ["approve", "own_accounts", "read", "stop"]
    later = SystemClock().now() + timedelta(seconds=2)
    promoted = await http.get("/api/me", headers=_token(ada, chorus_role="admin", iat=later))
    assert "manage" in promoted.json()["permissions"]
    assert (await ada.http.get("/api/me")).status_code == 200


async def test_a_role_is_what_the_issuer_said_last(http: httpx.AsyncClient, ada: Tenant) -> None:
    """INVARIANT (P10): of the person and of all their keys; an old token brings nothing back."""
    now = SystemClock().now()
    admin = _token(ada, chorus_role="admin", iat=now - timedelta(minutes=5))
    made = await http.post("/api/api-keys", json={"name": "k", "scopes": ["write"]}, headers=admin)
    key = {"authorization": f"Bearer {made.json()['key']}"}

    async def pod_by(headers: dict[str, str]) -> int:
        body = {"name": f"pod {new_id()}"}
        return (await http.post("/api/pods", json=body, headers=headers)).status_code

    assert [await pod_by(who) for who in (admin, key)] == [201, 201]
    viewer = _token(ada, chorus_role="viewer", iat=now - timedelta(minutes=1))
    assert await pod_by(viewer) == 403
    assert [await pod_by(who) for who in (admin, key)] == [403, 403]
    people = await ada.get("/api/users")
    assert [each["role"] for each in people if each["email"] == "eve@example.com"] == ["viewer"]
    again = _token(ada, chorus_role="admin", iat=now)
    assert [await pod_by(who) for who in (again, key)] == [201, 201]


async def test_an_outside_token_opens_no_other_door(
    http: httpx.AsyncClient, ada: Tenant, bob: Tenant
) -> None:
    """INVARIANT (P10): no person of ours by their e-mail, no unknown tenant, no disabled one."""
    taken = await http.get("/api/me", headers=_token(ada, sub="other", email=ada.email))
    assert taken.status_code == 401
    namesake = await http.get("/api/me", headers=_token(ada, sub="other", email=bob.email))
    assert namesake.json()["tenant"]["id"] == str(ada.client_id)
    assert namesake.json()["user"]["id"] != str(bob.user_id)
    nowhere = "0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e"
    unknown = await http.get("/api/me", headers=_token(ada, chorus_client_id=nowhere))
    assert unknown.status_code == 401
    eve = (await http.get("/api/me", headers=_token(ada))).json()["user"]
    await ada.http.patch(f"/api/users/{eve['id']}", json={"active": False})
    assert (await http.get("/api/me", headers=_token(ada))).status_code == 401


async def test_what_is_outdated_is_removed(world: World, ada: Tenant) -> None:
    """Idempotency keys after 24 hours, tokens a week after their end, counts after their window."""
    await ada.post("/api/pods", {"name": "a"}, headers={"Idempotency-Key": "k"})
    conn = world.ledger.conn
    for change in (
        "update gateway.idempotency_keys set created_at = created_at - interval '25 hours'",
        "update gateway.refresh_tokens set expires_at = now() - interval '8 days'",
        "update gateway.sign_in_attempts set window_ends = now() - interval '1 second'",
    ):
        await conn.execute(change.encode())

    async def rows() -> int:
        cursor = await conn.execute(
            "select (select count(*) from gateway.idempotency_keys) "
            "+ (select count(*) from gateway.refresh_tokens) "
            "+ (select count(*) from gateway.sign_in_attempts) as n"
        )
        row = await cursor.fetchone()
        return int(row["n"]) if row else -1

    async def gone() -> bool:
        return await rows() == 0

    assert await rows() > 2
    purging = Purging(world.gateway.database, every=60)
    running = asyncio.create_task(purging.run())
    await eventually(gone, 5)
    await purging.stop()
    await asyncio.wait_for(running, 5)
