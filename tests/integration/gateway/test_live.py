"""The live view: one tenant's facts, as they happen."""

import asyncio
from typing import Any

import orjson
import pytest
import uvicorn

from chorus.clock import SystemClock
from chorus.events import ActivityScheduled
from chorus.ids import new_id
from chorus.vocabulary import Kind, Lane, State
from chorus_gateway.live import View
from tests.integration.gateway.conftest import Tenant, World


def _event(tenant: Tenant) -> ActivityScheduled:
    return ActivityScheduled(
        client_id=tenant.client_id,
        activity_id=new_id(),
        post_id=new_id(),
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
