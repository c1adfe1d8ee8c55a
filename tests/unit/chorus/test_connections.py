"""Connections within bounds, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chorus.connections import BoundedHttp, ConnectionBounds, bounded

QUICK = ConnectionBounds(
    connections=4, head_seconds=0.3, rest_seconds=0.3, write_seconds=0.3, head_size=4096
)
GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
OK = b"HTTP/1.1 200 OK"


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    """`/large` answers more than a socket holds; anything else at once, with its body unread."""
    headers: list[Any] = []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    more = scope["path"] == "/large"
    while more:
        await send({"type": "http.response.body", "body": b"x" * 262_144, "more_body": True})
        # uvicorn's send to a client that is gone returns at once.
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def _serving(bounds: ConnectionBounds = QUICK) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    config = uvicorn.Config(
        _answers, port=0, log_config=None, lifespan="off", http=bounded(bounds), ws="none"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(5):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no signal for it
            await asyncio.sleep(0.01)
    try:
        yield server, server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 5)


async def _all(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes, in whichever way."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize(
    ("sent", "told"),
    [(b"", b""), (b"GET / HT", b" 408 "), (GET, b" 408 "), (GET + b"a: b\r\n", b" 408 ")],
)
async def test_a_half_sent_head_is_let_go(sent: bytes, told: bytes) -> None:
    """Finding E1: whoever sends nothing, or never ends the headers, does not keep the place."""
    async with _serving() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        answer = await _all(reader)
        assert (told in answer) if told else answer == b""
        writer.close()
        assert not server.server_state.connections


async def test_a_drop_of_bytes_now_and_then_gains_no_time() -> None:
    """Finding E1: the time for a head is one, not one for each byte."""
    async with _serving() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def drip() -> None:
            while True:
                writer.write(b"G" if not drops else b"a")
                drops.append(1)
                await asyncio.sleep(0.05)

        drops: list[int] = []
        dripping = asyncio.create_task(drip())
        await _all(reader)
        dripping.cancel()
        assert len(drops) < 20
        writer.close()


@pytest.mark.parametrize("head", [b"a: " + b"x" * 5000, b"a: b\r\n" * 1000])
async def test_a_large_head_is_refused(head: bytes) -> None:
    """Finding E1: headers have a size, ended or not."""
    async with _serving() as (_, port):
        for end in (b"", b"\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET + head + end)
            assert b" 431 " in await _all(reader)
            writer.close()


async def test_the_second_request_of_a_connection_is_bounded_as_the_first() -> None:
    """Finding E1: keep-alive is no way around it."""
    async with _serving() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"\r\n")
        assert OK in await asyncio.wait_for(reader.readuntil(b"ok"), 5)
        writer.write(GET)
        assert b" 408 " in await _all(reader)
        writer.close()


async def test_what_is_left_of_an_answered_body_is_not_read_for_ever() -> None:
    """Finding E1: a refused body of any length ends with its connection."""
    async with _serving() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\nabc")
        assert OK in await _all(reader)
        writer.close()


async def test_a_client_that_does_not_read_is_let_go() -> None:
    """Finding E1: an answer, or a live view, is not kept for somebody who takes nothing."""
    async with _serving() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(OK), 5)
        async with asyncio.timeout(5):
            while server.server_state.connections:  # noqa: ASYNC110 - no signal for it
                await asyncio.sleep(0.01)
        writer.transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()


async def test_answers_that_nobody_takes_are_bounded() -> None:
    """Whoever takes nothing for longest is let go; the last to come has time yet."""
    patient = ConnectionBounds(write_seconds=60, unread_size=1)
    async with _serving(patient) as (server, port):
        slow = []
        for _ in range(4):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
            slow.append((reader, writer))
            await asyncio.wait_for(reader.readuntil(OK), 5)
            await _until(lambda: len(_unread(server)) == 1)
        for reader, writer in slow[:-1]:
            await _all(reader)
            writer.close()
        assert len(server.server_state.connections) == 1
        slow[-1][1].transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()


def _unread(server: uvicorn.Server) -> list[BoundedHttp]:
    connections = list(server.server_state.connections)
    return [one for one in connections if isinstance(one, BoundedHttp) and one.takes_nothing]


async def _until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not so():  # noqa: ASYNC110 - uvicorn has no signal for it
            await asyncio.sleep(0.01)


async def test_the_unfinished_make_room_for_the_next() -> None:
    """Finding E1: many that send nothing do not keep out one that does."""
    patient = ConnectionBounds(connections=4, head_seconds=60)
    async with _serving(patient) as (server, port):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"connection: close\r\n\r\n")
        assert OK in await _all(reader)
        assert len(server.server_state.connections) <= 4
        for _, one in [*idle, (reader, writer)]:
            one.transport.abort()
