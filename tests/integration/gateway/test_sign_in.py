"""Signing in, staying signed in, and being kept out."""

from datetime import timedelta
from typing import Any

import pytest

from chorus_gateway.identity.sign_in import PER_EMAIL
from tests.integration.gateway.conftest import PASSWORD, Tenant, World, client_of


async def _sign_in(world: World, email: str, password: str = PASSWORD) -> tuple[int, Any]:
    body = {"email": email, "password": password}
    response = await world.http.post("/api/auth/sign-in", json=body)
    return response.status_code, response.json()


async def test_a_sign_in_gives_tokens_that_work(world: World, ada: Tenant) -> None:
    """Sign-in: an access token for 15 minutes, whatever the case of the e-mail."""
    status, tokens = await _sign_in(world, ada.email.upper())
    assert status == 200
    assert tokens["expires_in"] == 900
    client = client_of(world.app, {"authorization": f"Bearer {tokens['access_token']}"})
    assert (await client.get("/api/me")).json()["user"]["email"] == ada.email
    world.clock.advance(timedelta(minutes=15))
    response = await client.get("/api/me")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer chk_x"])
async def test_whoever_has_no_token_stays_out(world: World, ada: Tenant, header: str) -> None:
    """401 as problem details."""
    response = await world.http.get("/api/me", headers={"authorization": header})
    assert response.status_code == 401
    assert response.json()["code"] == "not_signed_in"


async def test_unknown_e_mail_and_wrong_password_look_the_same(world: World, ada: Tenant) -> None:
    """INVARIANT: nobody learns who has an account."""
    wrong = await _sign_in(world, ada.email, "wrong password")
    unknown = await _sign_in(world, "nobody@example.com", "wrong password")
    assert wrong[0] == unknown[0] == 401
    for answer in (wrong[1], unknown[1]):
        answer.pop("trace_id")
    assert wrong[1] == unknown[1]


async def test_guessing_is_stopped_and_stays_stopped(world: World, ada: Tenant) -> None:
    """INVARIANT: 429 after ten failures, held in the database, for unknown e-mails too."""
    for email in (ada.email, "nobody@example.com"):
        for _ in range(PER_EMAIL - (1 if email == ada.email else 0)):
            assert (await _sign_in(world, email, "wrong password"))[0] == 401
    # The fixture's own sign-in succeeded, and does not count.
    assert (await _sign_in(world, ada.email, "wrong password"))[0] == 401
    response = await world.http.post(
        "/api/auth/sign-in", json={"email": ada.email, "password": PASSWORD}
    )
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 900
    await world.ledger.conn.execute(
        "update gateway.sign_in_attempts set window_ends = clock_timestamp() - interval '1 second'"
    )
    assert (await _sign_in(world, ada.email))[0] == 200


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(
    world: World, ada: Tenant
) -> None:
    """INVARIANT: whoever holds a copy of an old token ends the session, not takes it over."""
    _, first = await _sign_in(world, ada.email)
    second = await world.http.post(
        "/api/auth/refresh", json={"refresh_token": first["refresh_token"]}
    )
    assert second.status_code == 200
    renewed = second.json()["refresh_token"]
    again = await world.http.post(
        "/api/auth/refresh", json={"refresh_token": first["refresh_token"]}
    )
    assert again.status_code == 401
    after = await world.http.post("/api/auth/refresh", json={"refresh_token": renewed})
    assert after.status_code == 401
    audit = await ada.get("/api/audit")
    assert "session.token_reused" in {entry["action"] for entry in audit["items"]}


async def test_a_refresh_token_expires_and_ends_with_the_session(world: World, ada: Tenant) -> None:
    """30 days at most; sign-out ends it at once."""
    _, tokens = await _sign_in(world, ada.email)
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await world.http.post("/api/auth/sign-out", json=body)).status_code == 204
    assert (await world.http.post("/api/auth/refresh", json=body)).status_code == 401
    _, tokens = await _sign_in(world, ada.email)
    world.clock.advance(timedelta(days=30))
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await world.http.post("/api/auth/refresh", json=body)).status_code == 401


async def test_no_secret_is_stored(world: World, ada: Tenant) -> None:
    """INVARIANT (invariant 7): digests alone, in every table."""
    _, tokens = await _sign_in(world, ada.email)
    headers = {"Idempotency-Key": "k"}
    key = await ada.post("/api/api-keys", {"name": "robot"}, headers=headers)
    body = {"email": "c@example.com", "name": "C", "role": "member", "password": PASSWORD}
    await ada.post("/api/users", body, headers=headers)
    stored = await world.ledger.everything()
    assert ada.email in stored
    for secret in (key["key"], tokens["refresh_token"], tokens["access_token"], PASSWORD):
        assert secret not in stored


async def test_a_disabled_person_is_out_at_once(world: World, ada: Tenant) -> None:
    """Sessions, refresh tokens and API keys end."""
    admin = await world.person(ada, "carol", "admin")
    key = await admin.post("/api/api-keys", {"name": "robot", "scopes": ["read"]})
    robot = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
    _, tokens = await _sign_in(world, admin.email)
    assert (await robot.get("/api/me")).status_code == 200
    response = await ada.http.patch(f"/api/users/{admin.user_id}", json={"active": False})
    assert response.status_code == 200
    assert (await admin.http.get("/api/me")).status_code == 401
    assert (await robot.get("/api/me")).status_code == 401
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await world.http.post("/api/auth/refresh", json=body)).status_code == 401
    assert (await _sign_in(world, admin.email))[0] == 401


async def test_a_new_password_ends_all_sessions(world: World, ada: Tenant) -> None:
    """The present one is needed."""
    _, tokens = await _sign_in(world, ada.email)
    new = "another good password"
    wrong = await ada.http.put("/api/me/password", json={"present": "x", "new": new})
    assert wrong.status_code == 403
    done = await ada.http.put("/api/me/password", json={"present": PASSWORD, "new": new})
    assert done.status_code == 204
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await world.http.post("/api/auth/refresh", json=body)).status_code == 401
    assert (await _sign_in(world, ada.email))[0] == 401
    assert (await _sign_in(world, ada.email, new))[0] == 200
