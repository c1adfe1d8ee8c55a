"""The live view: one tenant's facts, as they happen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
import uvicorn

from chorus.clock import SystemClock
from chorus.errors import DependencyUnavailable
from chorus.events import ActivityScheduled, PostTarget
from chorus.ids import new_id
from chorus.telemetry import metrics
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.api.routes import live
from chorus_gateway.live.view import LiveView, TooManyViews, View
from tests.integration.gateway.conftest import Tenant, World


def _event(tenant: Tenant) -> ActivityScheduled:
    return ActivityScheduled(
        client_id=tenant.client_id,
        activity_id=new_id(),
        target=PostTarget(post_id=new_id()),
        account_id=new_id(),
        kind=Kind.LIKE,
        lane=Lane.API,
        state=State.SCHEDULED,
        scheduled_for=SystemClock().now(),
        reason_code="planned",
        reason="Planned within the window.",
        correlation_id="c",
    )


async def _next_event(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The document of the next event; lengths of chunks and comments are passed over."""
    while True:
        line = await asyncio.wait_for(reader.readline(), 5)
        if line.startswith(b"data: "):
            document: dict[str, Any] = orjson.loads(line[6:])
            return document


@pytest.fixture
async def port(world: World) -> Any:
    """The application behind a real server, because a stream never ends."""
    config = uvicorn.Config(world.app, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(5):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no signal for it
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    await world.gateway.live.close()
    server.should_exit = True
    await asyncio.wait_for(task, 5)


async def test_a_view_shows_its_own_tenants_events_alone(
    world: World, ada: Tenant, bob: Tenant, port: int
) -> None:
    """INVARIANT (P7, P10): live, and never another tenant's."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = ada.http.headers["authorization"]
    request = f"GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    writer.write(request.encode())
    head = await asyncio.wait_for(reader.readuntil(b": open"), 5)
    assert b"text/event-stream" in head
    foreign, own = _event(bob), _event(ada)
    world.gateway.live.publish(bob.client_id, foreign)
    world.gateway.live.publish(ada.client_id, own)
    shown = await _next_event(reader)
    assert shown["activity_id"] == str(own.activity_id)
    assert shown["type"] == "chorus.activity.scheduled.v1"
    writer.close()
    await writer.wait_closed()


async def test_whoever_is_not_signed_in_sees_nothing(world: World) -> None:
    """401 before the stream begins."""
    assert (await world.http.get("/api/events")).status_code == 401


async def test_a_slow_view_loses_the_oldest_and_knows_it(ada: Tenant) -> None:
    """Nothing grows without bound for somebody who does not read."""
    view = View()
    events = [_event(ada) for _ in range(510)]
    for event in events:
        view.put(event)
    assert view.lost == 10
    assert await view.next(within=1) == events[10]
    assert await View().next(within=0.01) is None


async def _view(port: int, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    writer.write(request.encode())
    return reader, writer


async def _sign_out(world: World, person: Tenant, ada: Tenant) -> None:
    await world.ledger.conn.execute(
        "update gateway.refresh_tokens set revoked_at = now() where user_id = %s",
        (person.user_id,),
    )


async def _expire(world: World, person: Tenant, ada: Tenant) -> None:
    world.clock.advance(timedelta(minutes=15))


async def _disable(world: World, person: Tenant, ada: Tenant) -> None:
    response = await ada.http.patch(f"/api/users/{person.user_id}", json={"active": False})
    assert response.status_code == 200


@pytest.mark.parametrize("end", [_sign_out, _expire, _disable])
async def test_a_view_ends_with_the_right_to_see(
    world: World,
    ada: Tenant,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[World, Tenant, Tenant], Awaitable[None]],
) -> None:
    """Finding E3: signed out, expired, disabled: within seconds nothing more is shown."""
    monkeypatch.setattr(live, "ASK_EVERY", 0.1)
    viewer = await world.person(ada, "vera", "viewer")
    reader, writer = await _view(port, viewer.http.headers["authorization"])
    await asyncio.wait_for(reader.readuntil(b": open"), 5)
    await end(world, viewer, ada)
    async with asyncio.timeout(10):
        rest = await reader.readuntil(b"0\r\n\r\n")
    assert b"event: ended" in rest
    writer.close()


async def test_a_view_goes_on_while_the_database_is_away(
    world: World, ada: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding E3: what cannot be asked is borne for a while, and no longer."""
    monkeypatch.setattr(live, "ASK_EVERY", 0.05)
    asked = asyncio.Event()

    async def away(_: object) -> None:
        asked.set()
        raise DependencyUnavailable("away")

    reader, writer = await _view(port, ada.http.headers["authorization"])
    await asyncio.wait_for(reader.readuntil(b": open"), 5)
    monkeypatch.setattr(world.gateway.authenticator, "principal", away)
    await asyncio.wait_for(asked.wait(), 5)
    event = _event(ada)
    world.gateway.live.publish(ada.client_id, event)
    assert (await _next_event(reader))["activity_id"] == str(event.activity_id)
    monkeypatch.setattr(live, "_UNCONFIRMED", 0.0)
    async with asyncio.timeout(10):
        assert b"event: ended" in await reader.readuntil(b"0\r\n\r\n")
    writer.close()


async def test_open_views_are_bounded_for_a_person_and_for_all(
    world: World, ada: Tenant, bob: Tenant, port: int
) -> None:
    """Finding E1: the sixth of a person is 429; others still see, until all places are taken."""
    writers = []
    for _ in range(5):
        reader, writer = await _view(port, ada.http.headers["authorization"])
        await asyncio.wait_for(reader.readuntil(b": open"), 5)
        writers.append(writer)
    response = await ada.http.get("/api/events")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_views")
    world.gateway.live.require_room(bob.user_id)
    full = LiveView(metrics.gateway, of_all=1)
    async with full.open(ada.client_id, ada.user_id):
        with pytest.raises(TooManyViews):
            full.require_room(bob.user_id)
    full.require_room(bob.user_id)
    for writer in writers:
        writer.close()
