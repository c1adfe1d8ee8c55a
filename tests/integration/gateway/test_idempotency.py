"""Idempotency-Key: one effect, one answer."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from chorus.ids import new_id
from chorus_gateway.scheduler.fake import FakeScheduler
from chorus_gateway.scheduler.fake_ledger import FakeMember
from tests.integration.gateway.conftest import POST_URL, Tenant, World, account_of, client_of

KEY = {"Idempotency-Key": "3f0c7d0e-4c4e-4a1e-8f63-0c6f2c3c8c55"}


async def _pods(world: World) -> int:
    row = await (
        await world.ledger.conn.execute("select count(*) as n from gateway.pods")
    ).fetchone()
    return int(row["n"]) if row else 0


async def test_the_same_request_has_one_effect_and_one_answer(world: World, ada: Tenant) -> None:
    """INVARIANT: the answer is replayed, and says so."""
    first = await ada.http.post("/api/pods", json={"name": "a"}, headers=KEY)
    second = await ada.http.post("/api/pods", json={"name": "a"}, headers=KEY)
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await _pods(world) == 1


async def test_another_request_with_the_key_is_refused(ada: Tenant) -> None:
    """422; on another route the key is free."""
    await ada.post("/api/pods", {"name": "a"}, headers=KEY)
    response = await ada.http.post("/api/pods", json={"name": "b"}, headers=KEY)
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    await ada.post("/api/cartridges", {"name": "b"}, headers=KEY)


async def test_many_at_once_have_one_effect(world: World, ada: Tenant) -> None:
    """INVARIANT: one acts; the others are told that it is under way, or get its answer."""
    answers = await asyncio.gather(
        *(ada.http.post("/api/pods", json={"name": "a"}, headers=KEY) for _ in range(6))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"request_in_progress"}
    assert await _pods(world) == 1


async def test_a_failure_frees_the_key(ada: Tenant) -> None:
    """What had no effect may be sent again."""
    await ada.post("/api/pods", {"name": "taken"})
    body = {"name": "taken"}
    assert (await ada.http.post("/api/pods", json=body, headers=KEY)).status_code == 409
    pods = await ada.get("/api/pods")
    await ada.http.delete(f"/api/pods/{pods['items'][0]['id']}")
    assert (await ada.http.post("/api/pods", json=body, headers=KEY)).status_code == 201


async def test_a_key_counts_for_a_day(world: World, ada: Tenant) -> None:
    """24 hours by the database's clock; afterwards it is forgotten."""
    await ada.post("/api/pods", {"name": "a"}, headers=KEY)
    await world.ledger.conn.execute(
        "update gateway.idempotency_keys set created_at = created_at - interval '24 hours 1 second'"
    )
    response = await ada.http.post("/api/pods", json={"name": "b"}, headers=KEY)
    assert response.status_code == 201


async def test_a_trigger_is_replayed_without_asking_again(world: World, ada: Tenant) -> None:
    """An effect outside of our database: the key is reserved first, then holds the answer."""
    post = await ada.post("/api/posts", {"url": POST_URL})
    world.scheduler.knows_post(ada.client_id, UUID(post["id"]))
    member = FakeMember(account_id=new_id(), member_id=new_id(), name="Ada")
    world.scheduler.knows_members(ada.client_id, [member])
    path, body = "/api/pods/trigger-amplification", {"postId": post["id"]}
    first = await ada.http.post(path, json=body, headers=KEY)
    calls = len(world.scheduler.calls)
    second = await ada.http.post(path, json=body, headers=KEY)
    assert first.text == second.text
    assert second.headers["idempotency-replayed"] == "true"
    assert len(world.scheduler.calls) == calls


async def test_a_request_that_died_holds_its_key_for_a_while(world: World, ada: Tenant) -> None:
    """409 until the lease ends, then the request may be sent again."""
    post = await ada.post("/api/posts", {"url": POST_URL})
    world.scheduler.knows_post(ada.client_id, UUID(post["id"]))
    member = FakeMember(account_id=new_id(), member_id=new_id(), name="Ada")
    world.scheduler.knows_members(ada.client_id, [member])
    path, body = "/api/pods/trigger-amplification", {"postId": post["id"]}
    await ada.post(path, body, headers=KEY)
    await world.ledger.conn.execute(
        "update gateway.idempotency_keys set status = null, body = null, lease_until = %s",
        (world.clock.now() + timedelta(seconds=60),),
    )
    response = await ada.http.post(path, json=body, headers=KEY)
    assert response.json()["code"] == "request_in_progress"
    world.clock.advance(timedelta(seconds=61))
    assert (await ada.http.post(path, json=body, headers=KEY)).status_code == 200


async def test_a_replayed_api_key_has_no_secret(ada: Tenant) -> None:
    """INVARIANT (invariant 7): what is stored for the replay holds no secret."""
    first = await ada.post("/api/api-keys", {"name": "robot"}, headers=KEY)
    second = await ada.post("/api/api-keys", {"name": "robot"}, headers=KEY)
    assert first["key"].startswith("chk_")
    assert second == first | {"key": None}


async def test_a_bad_key_is_refused(ada: Tenant) -> None:
    """400: too long, or no printable ASCII."""
    for key in ("", "x" * 256, "\u00e9"):
        response = await ada.http.post(
            "/api/pods", json={"name": "a"}, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
        )
        assert response.status_code == 400, key
        assert response.json()["code"] == "bad_idempotency_key"


async def test_a_key_is_its_persons_alone(world: World, ada: Tenant) -> None:
    """Finding E6: two people, or a person and a key, that name a request alike are two requests."""
    admin = await world.person(ada, "carol", "admin")
    made = await ada.post("/api/api-keys", {"name": "robot", "scopes": ["write"]})
    robot = client_of(world.app, {"authorization": f"Bearer {made['key']}"})
    answers = [
        await client.post("/api/pods", json={"name": f"pod {nth}"}, headers=KEY)
        for nth, client in enumerate((ada.http, admin.http, robot))
    ]
    assert [one.status_code for one in answers] == [201] * 3
    assert await _pods(world) == 3
    again = await admin.http.post("/api/pods", json={"name": "pod 1"}, headers=KEY)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == answers[1].json()


async def test_a_replayed_withdrawal_answers_as_the_first_one_did(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding E6: the same answer with what was called off, said to be a replay, and asked once."""
    account = await account_of(ada)
    counts = iter([3, 0, 0])

    async def recheck(*_: object, **__: object) -> int:
        return next(counts)

    monkeypatch.setattr(FakeScheduler, "recheck", recheck)
    path = f"/api/accounts/{account['id']}/consents"
    body = {"kinds": ["like"], "granted": False}
    first = await ada.http.post(path, json=body, headers=KEY)
    second = await ada.http.post(path, json=body, headers=KEY)
    assert first.json()["cancelled_activities"] == 3
    assert second.text == first.text
    assert second.headers["idempotency-replayed"] == "true"
    assert next(counts) == 0
