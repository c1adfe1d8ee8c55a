"""Isolation: nothing that a tenant can send or configure holds the gateway's loop for 50 ms."""

import gc
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from chorus.ids import new_id
from chorus.process.service import collect_garbage_rarely
from chorus.testing.loop_probe import least_held
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.scheduler.fake import FakeScheduler
from chorus_gateway.scheduler.http import HttpScheduler
from chorus_gateway.scheduler.port import Plan, PlannedActivity
from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member

LIMIT = 0.050
JSON = {"content-type": "application/json"}
MEMBERS = 10_000
TEXT = "a,b[c{d" * 100

HOSTILE = {
    "zeros": b"[" + b"0," * 500_000 + b"0]",
    "deep": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000,
    "escapes": b'{"x":"' + b'\\"' * 500_000 + b'"}',
    "quotes": b'"' * 1_000_000,
    "backslashes": b'"' + b"\\" * 1_000_000,
    "commas in a text": b'{"name":"' + b"," * 1_000_000 + b'"}',
    "many keys": orjson.dumps({f"key{n}": n for n in range(9_000)}),
    "a policy of 5,000 texts": orjson.dumps(
        {"name": "x", "policy": {"comment_texts": ["text"] * 5_000}}
    ),
    "a policy of 900 wrong members": orjson.dumps(
        {"name": "x", "policy": {f"k{n}": [n] for n in range(900)}}
    ),
    "200 long texts": orjson.dumps(
        {"name": "x", "policy": {"comment_texts": [f"{n} {TEXT}" for n in range(200)]}}
    ),
    "brackets": orjson.dumps({"name": "x", "policy": {"comment_texts": ["[{<%$" * 240] * 200}}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_body_holds_the_loop(ada: Tenant, name: str) -> None:
    """INVARIANT (D5; findings E1, E7): with a token and without, as JSON and as something else."""
    await ada.http.post("/api/pods", json={"name": "warm"})

    async def send() -> None:
        for path in ("/api/pods", "/api/auth/sign-in"):
            for kind in (JSON, {"content-type": "text/plain"}):
                response = await ada.http.post(path, content=HOSTILE[name], headers=kind)
                assert response.status_code in {201, 400, 409, 413, 415, 422}

    assert await least_held(send, below=LIMIT) < LIMIT


@pytest.fixture(autouse=True)
def as_in_a_process() -> Iterator[None]:
    """Garbage is collected as rarely as our processes do it (`chorus.process.service`)."""
    thresholds = gc.get_threshold()
    collect_garbage_rarely()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def _fill(world: World, ada: Tenant) -> dict[str, Any]:
    """A pod with 10,000 members, each with activities in four states."""
    pod, account, _ = await pod_with_member(ada)
    post = await ada.post("/api/posts", {"url": POST_URL})
    await world.ledger.conn.execute(
        "insert into gateway.accounts (id, client_id, owner_user_id, provider_account_id, platform,"
        " display_name) select gen_random_uuid(), %s, %s, 'p' || n, 'linkedin', 'Member ' || n"
        " from generate_series(1, %s) n",
        (ada.client_id, ada.user_id, MEMBERS),
    )
    await world.ledger.conn.execute(
        "insert into gateway.pod_members (id, client_id, pod_id, account_id, name)"
        " select gen_random_uuid(), client_id, %s, id, display_name from gateway.accounts"
        " where client_id = %s and id <> %s",
        (pod["id"], ada.client_id, account["id"]),
    )
    return {"pod": pod, "post": post}


async def test_no_listing_of_many_members_holds_the_loop(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT (D5): pages, counters and a preview of a pod with 10,000 members."""
    made = await _fill(world, ada)
    pod, post = made["pod"], made["post"]
    rows = await world.ledger.conn.execute(
        "select id, account_id from gateway.pod_members where pod_id = %s", (pod["id"],)
    )
    members = await rows.fetchall()
    counts = {
        (row["id"], state): 3
        for row in members
        for state in ("scheduled", "executed", "failed", "skipped")
    }
    plan = Plan(seed=1, stored=False, planned=tuple(_planned(row) for row in members))

    async def counted(*_: object, **__: object) -> dict[Any, int]:
        return counts

    async def planned(*_: object, **__: object) -> Plan:
        return plan

    monkeypatch.setattr("chorus_gateway.store.activities.counts", counted)
    monkeypatch.setattr(FakeScheduler, "plan", planned)
    page: dict[str, Any] = {}
    answers: list[httpx.Response] = []

    async def look() -> None:
        page.update(await ada.get(f"/api/pods/{pod['id']}/members?limit=200"))
        answers[:] = [
            await ada.http.get(f"/api/pods/{pod['id']}/stats"),
            await ada.http.post(
                "/api/pods/trigger-amplification",
                json={"postId": post["id"], "dry_run": True},
                headers={"idempotency-key": str(new_id())},
            ),
        ]

    assert await least_held(look, below=LIMIT) < LIMIT
    assert len(page["items"]) == 200
    stats, preview = (answer.json() for answer in answers)
    assert len(stats["members"]) == len(preview["activities"]) == len(members)
    assert stats["members"][0]["total"] == 12


def _planned(row: Any) -> PlannedActivity:
    return PlannedActivity(
        id=new_id(),
        account_id=row["account_id"],
        member_id=row["id"],
        member_name="Member",
        kind=Kind.LIKE,
        lane=Lane.API,
        state=State.SCHEDULED,
        scheduled_for=None,
        reason_code="planned",
        reason="Planned within the window.",
    )


async def test_a_large_plan_is_read_without_holding_the_loop() -> None:
    """INVARIANT (D5): the scheduler's answer for 10,000 members."""
    rows = [{"id": new_id(), "account_id": new_id()} for _ in range(MEMBERS)]
    entries = [_planned(row).model_dump(mode="json") for row in rows]
    body = orjson.dumps({"seed": 1, "stored": False, "planned": entries})
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with httpx.AsyncClient(transport=transport, base_url="http://s.test") as client:
        scheduler = HttpScheduler(client, SecretStr("secret"))

        async def read() -> None:
            plan = await scheduler.plan(
                client_id=new_id(),
                post_id=new_id(),
                kinds=(Kind.LIKE,),
                dry_run=True,
                actor="user:x",
                correlation_id="c",
            )
            assert len(plan.planned) == MEMBERS

        assert await least_held(read, below=LIMIT) < LIMIT
