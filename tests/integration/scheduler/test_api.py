"""The internal API: guarded, strict, and answering with problems that the gateway can pass on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import Message

from chorus.bodies import BodyBounds
from chorus_lab.seeding import make_post
from chorus_scheduler.api import create_api
from chorus_scheduler.api_guard import ApiGuard
from tests.integration.scheduler.conftest import NOW, World

TOKEN = "a-token-for-the-tests-only"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client that holds the shared token."""
    app = create_api(planner=world.planner, steering=world.steering, token=TOKEN)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://scheduler",
        headers={"authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client


async def _plan_body(world: World, **more: object) -> dict[str, object]:
    post = await make_post(world.owner, world.tenant, published_at=NOW)
    return {
        "client_id": str(world.tenant.client_id),
        "post_id": str(post),
        "kinds": ["repost"],
        "actor": "ada",
        "correlation_id": "c",
        **more,
    }


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
async def test_without_the_token_nothing_is_answered(
    http: httpx.AsyncClient, world: World, header: str
) -> None:
    """The API is the gateway's alone."""
    body = await _plan_body(world)
    answer = await http.post("/internal/plans", json=body, headers={"authorization": header})
    assert answer.status_code == 401
    assert await world.activities() == []


async def test_a_plan_is_answered_and_stored(http: httpx.AsyncClient, world: World) -> None:
    """P3: each active member has an activity; a second request finds them all."""
    body = await _plan_body(world)
    first = (await http.post("/internal/plans", json=body)).json()
    second = (await http.post("/internal/plans", json=body)).json()
    assert len(first["planned"]) == 8
    assert first["stored"] is True
    assert second["planned"] == []
    shown = {(row["id"], row["member_name"], row["kind"]) for row in second["existing"]}
    assert shown == {(row["id"], row["member_name"], row["kind"]) for row in first["planned"]}


async def test_refusals_are_problems_with_codes(http: httpx.AsyncClient, world: World) -> None:
    """RFC 9457: type, title, status, code; the gateway passes them on."""
    unknown = await http.post("/internal/plans", json=await _plan_body(world, post_id=str(uuid4())))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "post_not_found")
    assert unknown.headers["content-type"] == "application/problem+json"
    await world.owner.execute("update gateway.pod_members set active = false")
    nobody = await http.post("/internal/plans", json=await _plan_body(world))
    assert (nobody.status_code, nobody.json()["detail"]) == (400, "No pod members found")


async def test_a_wish_and_its_refusal(http: httpx.AsyncClient, world: World) -> None:
    """What the state does not allow is 409 and says in which state the activity is."""
    planned = (await http.post("/internal/plans", json=await _plan_body(world))).json()["planned"]
    wish = {"client_id": str(world.tenant.client_id), "actor": "ada", "reason": "changed my mind"}
    path = f"/internal/activities/{planned[0]['id']}"
    assert (await http.post(f"{path}/cancel", json=wish)).json()["state"] == "cancelled"
    del wish["reason"]
    again = await http.post(f"{path}/approve", json=wish)
    assert (again.status_code, again.json()["state"]) == (409, "cancelled")
    foreign = await http.post(f"{path}/cancel", json={**wish, "client_id": str(uuid4())})
    assert foreign.status_code == 404


async def test_pauses_over_the_api(http: httpx.AsyncClient, world: World) -> None:
    """Everything, a tenant, a pod, an account; ended once, by its own tenant."""
    client = str(world.tenant.client_id)
    body = {"client_id": client, "scope": "tenant", "reason": "holiday", "actor": "ada"}
    made = await http.post("/internal/pauses", json=body)
    assert made.status_code == 201
    path = f"/internal/pauses/{made.json()['id']}/resume"
    foreign = await http.post(path, json={"client_id": str(uuid4()), "actor": "eve"})
    assert foreign.status_code == 404
    owner = {"client_id": client, "actor": "ada"}
    assert (await http.post(path, json=owner)).status_code == 200
    assert (await http.post(path, json=owner)).status_code == 409


async def test_unknown_fields_are_refused(http: httpx.AsyncClient, world: World) -> None:
    """A misspelt field is an error and not a different wish."""
    answer = await http.post("/internal/plans", json=await _plan_body(world, dryrun=True))
    assert answer.status_code == 422
    assert await world.activities() == []


async def _by_hand(app: Any, token: str, receive: Any) -> int:
    """One POST by hand, so that it is seen what is read."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"content-type", b"application/json"), (b"authorization", token.encode())]
    scope = {
        "type": "http", "method": "POST", "path": "/internal/plans", "headers": headers,
        "query_string": b"", "raw_path": b"/internal/plans", "root_path": "", "scheme": "http",
        "server": ("x", 1), "client": ("y", 2), "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await app(scope, receive, send)
    return statuses[0]


async def test_nothing_is_read_without_the_token(world: World) -> None:
    """Finding E1: the internal API looks at the token first, and does not wait for a body."""

    async def receive() -> Message:
        raise AssertionError("the body was read")

    app = create_api(planner=world.planner, steering=world.steering, token=TOKEN)
    for token in ("", "Bearer x", f"Bearer {TOKEN}\u00e9"):
        assert await _by_hand(app, token, receive) == 401


async def test_what_is_read_is_bounded_in_size_and_time(world: World) -> None:
    """Finding E1: with the token too: size, values, depth, time."""
    app = create_api(planner=world.planner, steering=world.steering, token=TOKEN)

    async def endless() -> Message:
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert await _by_hand(app, f"Bearer {TOKEN}", endless) == 413
    hasty = ApiGuard(app, TOKEN, BodyBounds(seconds=0.05))
    assert await _by_hand(hasty, f"Bearer {TOKEN}", never) == 408


@pytest.mark.parametrize("body", [b"[" * 20_000, b"[" + b"0," * 20_000 + b"0]", b"{", b"\xff"])
async def test_strange_bodies_are_refused(http: httpx.AsyncClient, body: bytes) -> None:
    """Findings E1 and E7: deep, broad or broken documents are 422."""
    assert (await http.post("/internal/plans", content=body)).status_code == 422


async def test_no_query_is_taken(http: httpx.AsyncClient, world: World) -> None:
    """Finding E12: an unknown parameter is refused here as well."""
    answer = await http.post("/internal/plans?dry_run=1", json=await _plan_body(world))
    assert answer.status_code == 422
