"""The wall: what is judged before anything of a request is read, and how everything ends."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from starlette.types import Message

from chorus.bodies import BodyBounds
from chorus_gateway.api.application import create_app
from chorus_gateway.api.body_guard import BodyGuard
from chorus_gateway.api.bulkheads import Admitted, Bulkhead, Bulkheads
from chorus_gateway.api.incoming_bodies import IncomingBodies
from chorus_gateway.api.request_slots import Holder, RequestSlots, SlotBounds
from chorus_gateway.api.throttle import Throttle, ThrottleBounds
from chorus_gateway.domain.principals import Principal, Proof, ProofKind
from chorus_gateway.domain.roles import Role
from chorus_gateway.problems import Problem
from chorus_gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import Tenant, World, client_of

JSON = {"content-type": "application/json"}


async def _call(app: Any, path: str, receive: Any, headers: dict[str, str]) -> list[Message]:
    """One POST by hand, so that it is seen what is read."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "headers": raw,
        "query_string": b"", "client": ("10.0.0.1", 1), "server": ("x", 80), "scheme": "http",
        "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}, "state": {},
        "admitted": Admitted(bulkhead=Bulkheads().teams, holder=Holder(group="a", member="b")),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/pods", {}, 401),
        ("/api/pods", {"authorization": "Bearer chk_nonsense"}, 401),
        ("/api/pods", {"authorization": "Bearer " + "e30." * 3}, 401),
        ("/api/nowhere", {}, 404),
        ("/api/me", {}, 405),
    ],
)
async def test_nothing_is_read_of_who_is_not_let_in(
    world: World, path: str, headers: dict[str, str], status: int
) -> None:
    """Finding E1: no token, no address, no such method: not a byte of the body is asked for."""

    async def receive() -> Message:
        raise AssertionError("the body was read")

    sent = await _call(world.app, path, receive, {**JSON, "content-length": "9999999", **headers})
    assert sent[0]["status"] == status


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"0," * 500_000 + b"0]",
        b"[" * 500_000,
        b'{"a":' * 180_000,
        b"[" + b"[]," * 300_000 + b"[]]",
        orjson.dumps({"name": "x", "policy": {"comment_texts": ["text"] * 5_000}}),
        orjson.dumps({f"k{n}": n for n in range(5_000)}),
        b'{"x":"' + b'\\"' * 200_000 + b'",' + b'"a":0,' * 20_000 + b'"b":0}',
    ],
)
async def test_bodies_that_cost_much_are_refused(ada: Tenant, body: bytes) -> None:
    """Finding E1: many values, deep or broad documents get 4xx, with the place named."""
    for path in ("/api/pods", "/api/auth/sign-in"):
        response = await ada.http.post(path, content=body, headers=JSON)
        assert response.status_code in {400, 422}, response.text
        assert len(response.content) < 20_000


async def test_commas_in_texts_are_no_values(ada: Tenant) -> None:
    """Finding E1: what is counted are values, not signs in a text."""
    texts = [",:," * 400 + str(n) for n in range(100)]
    pod = await ada.post("/api/pods", {"name": "a", "policy": {"comment_texts": texts}})
    assert len(pod["policy"]["comment_texts"]) == 100


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """Finding E1: 408 after the time for it, and the connection is not kept."""

    async def app(*_: Any) -> None:
        raise AssertionError("an unfinished body was taken for a whole one")

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    guard = BodyGuard(app, BodyBounds(seconds=0.05))
    sent = await _call(guard, "/api/pods", receive, JSON)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_half_a_body_is_never_taken_for_the_whole() -> None:
    """Finding E1, the same kind: a client that leaves in the middle has asked for nothing."""

    async def app(*_: Any) -> None:
        raise AssertionError("half a body went through")

    messages = iter([{"type": "http.request", "body": b"{}", "more_body": True}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    assert await _call(BodyGuard(app), "/api/pods", receive, JSON) == []


def test_a_team_has_its_pace_and_its_places() -> None:
    """Finding E1: one team cannot take all slots; what it has left comes back with time."""
    slots = RequestSlots(SlotBounds(total=3, of_group=2, of_member=2))
    one, other = (Holder(group=UUID(int=n), member=f"user:{n}") for n in (1, 2))
    with slots.taking(one), slots.taking(one):
        with pytest.raises(Problem, match="too_many_requests"), slots.taking(one):
            pass
        with slots.taking(other), pytest.raises(Problem, match="unavailable"), slots.taking(other):
            pass
    with slots.taking(one):
        pass
    now = [0.0]
    throttle = Throttle(ThrottleBounds(per_second=1), lambda: now[0])
    hers, his = (
        Principal(
            client_id=UUID(int=n),
            user_id=UUID(int=n),
            name="",
            role=Role.OWNER,
            proof=Proof(kind=ProofKind.SESSION, id=UUID(int=n)),
        )
        for n in (1, 2)
    )
    for _ in range(10):
        throttle.count(hers, stops=False)
    with pytest.raises(Problem, match="too_many_requests"):
        throttle.count(hers, stops=False)
    throttle.count(hers, stops=True)
    throttle.count(his, stops=False)
    now[0] = 1.0
    throttle.count(hers, stops=False)


async def test_a_team_that_asks_too_much_is_told_when_to_come_again(
    world: World, ada: Tenant, bob: Tenant
) -> None:
    """Finding E1: 429 for one team, and nothing for the other."""
    app = create_app(world.gateway, version="0", bounds=ThrottleBounds(per_second=0.3))
    hers = client_of(app, {"authorization": ada.http.headers["authorization"]})
    his = client_of(app, {"authorization": bob.http.headers["authorization"]})
    answers = [(await hers.get("/api/me")) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert (await his.get("/api/me")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/me", "GET"),
        ("POST", "/api/me", "GET"),
        ("PUT", "/api/pods", "GET, POST"),
        ("POST", "/api/pods/0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e", "DELETE, GET, PATCH"),
        ("GET", "/api/auth/sign-in", "POST"),
        ("GET", "/api/me/password", "PUT"),
        ("POST", "/docs", "GET"),
        ("PATCH", "/api/pod-members", "GET, POST"),
    ],
)
async def test_allow_names_every_method_of_the_address(
    world: World, ada: Tenant, method: str, path: str, allow: str
) -> None:
    """Finding E14: all that the address knows, and not those of the first route that has it."""
    for client in (world.http, ada.http):
        response = await client.request(method, path)
        assert response.status_code == 405
        assert response.headers["allow"] == allow


async def test_what_a_query_does_not_know_is_refused_everywhere(world: World, ada: Tenant) -> None:
    """Finding E12: each operation, the pages too: 422 that names it; nothing is done."""
    document = world.app.openapi()
    for path, methods in document["paths"].items():
        for method in methods:
            at = path.replace("{", "").replace("}", "")
            response = await ada.http.request(method, f"{at}?limitt=1&state%5B%5D=x")
            assert response.status_code == 422, (method, path)
            pointers = [error["pointer"] for error in response.json()["errors"]]
            assert pointers == ["/query/limitt", "/query/state[]"], (method, path)
    for page in ("/docs", "/api/openapi.json"):
        assert (await world.http.get(f"{page}?x=1")).status_code == 422
    assert (await ada.http.get("/api/pods?limit=5")).status_code == 200


async def test_an_unexpected_error_is_a_problem_with_trace_and_headers(
    world: World, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding E7: a 500 names its trace, as everything does, and keeps the security headers."""

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("chorus_gateway.store.clients.find", broken)
    response = await ada.http.get("/api/me")
    assert response.status_code == 500
    problem = response.json()
    assert problem["code"] == "internal_error"
    assert problem["trace_id"] == response.headers["traceparent"].split("-")[1]
    assert "secret" not in response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream", "multipart/x"])
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"name": "a"}', b"\xff"])
async def test_a_body_that_is_not_called_json_is_refused(
    ada: Tenant, kind: str, body: bytes
) -> None:
    """Finding E7: deep JSON under another name is 415, with or without an Idempotency-Key."""
    for more in ({}, {"idempotency-key": "k"}):
        response = await ada.http.post(
            "/api/pods", content=body, headers={"content-type": kind, **more}
        )
        assert response.status_code == 415, response.text


async def test_the_pages_need_nobody_else(world: World) -> None:
    """Finding E8: no script, nothing from elsewhere, and a policy that forbids both."""
    response = await world.http.get("/docs")
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "<script" not in response.text
    assert "src=" not in response.text
    assert "/api/pods/trigger-amplification" in response.text
    assert (await world.http.get("/redoc")).status_code == 404


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ([], "1.2.3.4", "127.0.0.1"),
        (["127.0.0.0/8"], "1.2.3.4", "1.2.3.4"),
        (["127.0.0.0/8"], "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        (["127.0.0.0/8", "10.0.0.0/8"], "9.9.9.9, 1.2.3.4, 10.0.0.7", "1.2.3.4"),
        (["127.0.0.0/8"], "nonsense", "127.0.0.1"),
        (["127.0.0.0/8"], "", "127.0.0.1"),
        (["127.0.0.0/8"], "[2001:db8::1]:443", "2001:db8::1"),
    ],
)
async def test_an_address_is_believed_of_known_proxies_alone(
    world: World, ada: Tenant, trusted: list[str], forwarded: str, seen: str
) -> None:
    """Finding E2: whoever calls can write the header; the proxies that we name add to its end."""
    settings = GatewaySettings.model_validate(
        {
            "jwt_secret": "s" * 32,
            "internal_token": "i" * 32,
            "scheduler_url": "http://x",
            "trusted_proxies": trusted,
        }
    )
    app = create_app(world.gateway, version="0", trusted=settings.trusted_proxies)
    headers = {**ada.http.headers, "x-forwarded-for": forwarded}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://x", headers=headers
    ) as client:
        await client.post("/api/pods", json={"name": "a"})
    rows = (await ada.get("/api/audit"))["items"]
    assert next(row for row in rows if row["action"] == "pod.made")["address"] == seen


async def test_strangers_shut_out_nobody_who_is_signed_in(world: World, ada: Tenant) -> None:
    """Finding E1: whatever strangers hold is theirs, and nobody else's."""
    bulkheads = Bulkheads(strangers=_small())
    app = create_app(world.gateway, version="0", bulkheads=bulkheads)
    stranger = client_of(app)
    hers = client_of(app, {"authorization": ada.http.headers["authorization"]})
    with bulkheads.strangers.slots.taking(Holder(group="127.0.0.1", member="127.0.0.1")):
        for path in ("/sign-in", "/docs"):
            refused = await stranger.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1"), path
        assert (await hers.get("/api/me")).status_code == 200
    assert (await stranger.get("/docs")).status_code == 200


def _small() -> Bulkhead:
    one = SlotBounds(total=1, of_group=1, of_member=1)
    return Bulkhead(IncomingBodies(one, most_bytes=1000), RequestSlots(one))
