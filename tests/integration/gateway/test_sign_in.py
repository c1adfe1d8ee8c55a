"""Signing in, staying signed in, and being kept out."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chorus_gateway.identity.guessing import FREE
from chorus_gateway.purging import Purging
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


async def _guess(world: World, email: str, times: int, address: str = "10.9.9.9") -> int:
    """The last answer to so many wrong guesses from there."""
    status = 0
    async with _from(world, address) as http:
        for _ in range(times):
            body = {"email": email, "password": "wrong password"}
            status = (await http.post("/api/auth/sign-in", json=body)).status_code
    return status


def _from(world: World, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(world.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="https://chorus.test")


async def _right(http: httpx.AsyncClient, email: str) -> httpx.Response:
    return await http.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})


async def test_guessing_is_slowed_down_more_and_more(world: World, ada: Tenant) -> None:
    """INVARIANT: after ten failures each one doubles the wait, for unknown e-mails too."""
    for email in (ada.email, "nobody@example.com"):
        assert await _guess(world, email, FREE) == 401
        assert await _guess(world, email, 1) == 401
        async with _from(world, "10.9.9.9") as http:
            response = await _right(http, email)
        assert response.status_code == 429
        assert response.headers["retry-after"] == "1"
    await world.ledger.conn.execute(
        "update gateway.sign_in_attempts set next_at = clock_timestamp(), attempts = 18"
    )
    assert await _guess(world, ada.email, 1) == 401
    async with _from(world, "10.9.9.9") as http:
        response = await _right(http, ada.email)
    assert 200 < int(response.headers["retry-after"]) <= 900


async def test_many_guesses_at_once_are_no_way_around_the_wait(world: World, ada: Tenant) -> None:
    """INVARIANT: a guess is counted before it is judged."""
    began = time.monotonic()
    statuses = await asyncio.gather(*(_guess(world, ada.email, 1) for _ in range(20)))
    took = time.monotonic() - began
    # On a busy machine a wait of 1, 2, 4 … seconds may have passed meanwhile.
    passed = sum(2 ** (nth + 1) - 1 <= took for nth in range(20))
    judged = statuses.count(401)
    assert 0 < judged <= FREE + 1 + passed
    assert statuses.count(429) > 0


async def test_guesses_of_others_shut_nobody_out(world: World, ada: Tenant, bob: Tenant) -> None:
    """Finding E2: neither everybody behind one address, nor the person who is guessed at."""
    for nth in range(30):
        await _guess(world, f"somebody{nth}@example.com", 4, "127.0.0.1")
    await _guess(world, ada.email, 15, "10.6.6.6")
    await _guess(world, ada.email, FREE, "127.0.0.1")
    # From where she signed in before, and from anywhere that nobody guesses from.
    assert (await _sign_in(world, ada.email))[0] == 200
    async with _from(world, "10.7.7.7") as http:
        assert (await _right(http, ada.email)).status_code == 200
    assert (await _sign_in(world, bob.email))[0] == 200


async def test_a_known_device_is_not_slowed_down_by_its_neighbours(
    world: World, ada: Tenant
) -> None:
    """Finding E2: behind the very address from which somebody guesses, her own browser signs in."""
    async with _from(world, "10.8.8.8") as http:
        first = await _right(http, ada.email)
        cookie = first.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict"))
        assert await _guess(world, ada.email, 20, "10.8.8.8") == 429
        assert (await _right(http, ada.email)).status_code == 200
        async with _from(world, "10.8.8.8") as stranger:
            assert (await _right(stranger, ada.email)).status_code == 429
            stranger.cookies.set("chorus_device", "0" * 32 + "." + "0" * 64)
            assert (await _right(stranger, ada.email)).status_code == 429
            # Of another person it is nothing.
            stranger.cookies = http.cookies
            wrong = {"email": "bob@example.com", "password": "x"}
            answer = await stranger.post("/api/auth/sign-in", json=wrong)
            assert answer.status_code == 401


async def test_many_strangers_at_one_account_are_slowed_down_as_one(
    world: World, ada: Tenant
) -> None:
    """Finding E2: a thousand addresses are no way around it, and do not shut out the person."""
    async with _from(world, "10.1.1.1") as http:
        assert (await _right(http, ada.email)).status_code == 200
    await world.ledger.conn.execute("update gateway.sign_in_attempts set attempts = 109")
    await _guess(world, ada.email, 1, "10.4.0.1")
    assert await _guess(world, ada.email, 1, "10.4.0.2") == 429
    async with _from(world, "10.1.1.1") as http:
        assert (await _right(http, ada.email)).status_code == 200


async def test_another_teams_admin_gets_no_more_guesses_than_a_stranger(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """INVARIANT, finding E2: who gives somebody's e-mail an account of their own, and signs in to
    that, is forgiven nothing that was guessed at the other.
    """
    own = "another password of mine"
    body = {"email": ada.email, "name": "Ada", "role": "member", "password": own}
    assert (await bob.http.post("/api/users", json=body)).status_code == 201
    async with _from(world, "10.5.5.5") as http:
        statuses = []
        for _ in range(4):
            passwords = ["wrong"] * 5 + [own]
            statuses += [await _guess_by(http, ada.email, each) for each in passwords]
            # With the device that its own sign-in gave, and without.
            http.cookies.clear()
        assert 429 in statuses
        assert statuses.count(401) <= 12
    async with _from(world, "10.2.2.2") as elsewhere:
        assert (await _right(elsewhere, ada.email)).status_code == 200


async def _guess_by(http: httpx.AsyncClient, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return (await http.post("/api/auth/sign-in", json=body)).status_code


async def _refresh(world: World, token: str) -> httpx.Response:
    return await world.http.post("/api/auth/refresh", json={"refresh_token": token})


async def test_two_tabs_or_a_lost_answer_do_not_end_the_session(world: World, ada: Tenant) -> None:
    """Finding E5: within the grace the same token has the same successor, and all goes on."""
    _, first = await _sign_in(world, ada.email)
    token = first["refresh_token"]
    answers = await asyncio.gather(*(_refresh(world, token) for _ in range(3)))
    world.clock.advance(timedelta(seconds=20))
    answers.append(await _refresh(world, token))
    assert [one.status_code for one in answers] == [200] * 4
    successors = {one.json()["refresh_token"] for one in answers}
    assert len(successors) == 1
    assert (await _refresh(world, successors.pop())).status_code == 200


@pytest.mark.parametrize("used", [0, 1, 3])
async def test_a_reuse_after_the_grace_ends_the_family(
    world: World, ada: Tenant, used: int
) -> None:
    """INVARIANT (E5): whoever holds a copy of an old token ends the session, not takes it over."""
    _, first = await _sign_in(world, ada.email)
    token = first["refresh_token"]
    newest = (await _refresh(world, token)).json()
    for _ in range(used):
        newest = (await _refresh(world, newest["refresh_token"])).json()
    client = client_of(world.app, {"authorization": f"Bearer {newest['access_token']}"})
    assert (await client.get("/api/me")).status_code == 200
    world.clock.advance(timedelta(seconds=31))
    assert (await _refresh(world, token)).status_code == 401
    assert (await _refresh(world, newest["refresh_token"])).status_code == 401
    assert (await client.get("/api/me")).status_code == 401
    audit = await ada.get("/api/audit")
    assert "session.token_reused" in {entry["action"] for entry in audit["items"]}


async def test_a_session_that_was_ended_gives_no_grace(world: World, ada: Tenant) -> None:
    """Finding E5: signed out is signed out, for the token of a moment ago and for access tokens."""
    _, first = await _sign_in(world, ada.email)
    newest = (await _refresh(world, first["refresh_token"])).json()
    client = client_of(world.app, {"authorization": f"Bearer {newest['access_token']}"})
    body = {"refresh_token": newest["refresh_token"]}
    assert (await world.http.post("/api/auth/sign-out", json=body)).status_code == 204
    assert (await _refresh(world, first["refresh_token"])).status_code == 401
    assert (await client.get("/api/me")).status_code == 401


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
    assert (await ada.http.get("/api/me")).status_code == 401
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await world.http.post("/api/auth/refresh", json=body)).status_code == 401
    assert (await _sign_in(world, ada.email))[0] == 401
    assert (await _sign_in(world, ada.email, new))[0] == 200


async def test_the_present_password_is_not_guessed_in_a_stolen_session(
    world: World, ada: Tenant
) -> None:
    """Finding E4: guesses are limited, each has a line in the audit log, and no key may try."""
    body = {"present": "wrong password", "new": "another good password"}
    statuses = [(await ada.http.put("/api/me/password", json=body)).status_code for _ in range(10)]
    assert statuses == [403] * 6 + [429] * 4
    right = await ada.http.put("/api/me/password", json={**body, "present": PASSWORD})
    assert right.status_code == 429
    entries = (await ada.get("/api/audit"))["items"]
    refused = [one for one in entries if one["action"] == "user.password_refused"]
    assert len(refused) == 6
    for scope in ("read", "write"):
        key = await ada.post("/api/api-keys", {"name": scope, "scopes": [scope]})
        robot = client_of(world.app, {"authorization": f"Bearer {key['key']}"})
        answer = await robot.put("/api/me/password", json={**body, "present": PASSWORD})
        assert answer.status_code == 403


async def test_what_is_past_its_time_is_removed_in_batches(world: World, ada: Tenant) -> None:
    """Growth: attempts, places, tokens and idempotency keys end; what is in force stays."""
    await _guess(world, "nobody@example.com", 1)
    await ada.post("/api/pods", {"name": "a"}, headers={"Idempotency-Key": "k"})
    await world.ledger.conn.execute(
        "insert into gateway.sign_in_attempts (subject, attempts, window_ends) "
        "select n::text::bytea, 1, now() - interval '1 hour' from generate_series(1, 25) n"
    )
    await world.ledger.conn.execute(
        "insert into gateway.known_places (subject, known_until) "
        "select n::text::bytea, now() - interval '1 hour' from generate_series(1, 10) n"
    )
    await world.ledger.conn.execute(
        "insert into gateway.idempotency_keys (client_id, route, key, request_hash, created_at) "
        "select %s, 'r', n::text, '', now() - interval '25 hours' from generate_series(1, 7) n",
        (ada.client_id,),
    )
    # The clock of these tests stands still in January.
    await world.ledger.conn.execute(
        "update gateway.refresh_tokens set expires_at = now() + interval '30 days'"
    )
    purging = Purging(world.gateway.database, every=1)
    assert await purging.once(most=10) == 42
    assert await purging.once(most=10) == 0
    headers = {"Idempotency-Key": "k"}
    again = await ada.http.post("/api/pods", json={"name": "a"}, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
