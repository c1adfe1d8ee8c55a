"""What the adapter makes of connections that break, on real sockets."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from chorus.errors import (
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.telemetry import metrics
from chorus.testing import FakeClock
from chorus.vocabulary import ErrorType
from chorus_execution.port import NotPermitted
from chorus_executor.providers.unipile.provider import UnipileProvider
from chorus_executor.providers.unipile.transport import Endpoint
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.faults import Fault, FaultKind
from chorus_sandbox.world.matching import Match
from tests.contract.executor.harness import FREE, OURS, UnipileNetwork, soon


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer() as running:
        yield running


@pytest.fixture
async def network(server: SandboxServer) -> AsyncIterator[UnipileNetwork]:
    there = UnipileNetwork(server)
    yield there
    await there.provider.aclose()


def inject(server: SandboxServer, kind: FaultKind, **values: object) -> None:
    when = "after" if kind.endswith("_after") else "before"
    fault = Fault(id=f"test-{kind}", kind=kind, match=Match(), when=when, **values)  # type: ignore[arg-type]
    server.sandbox.faults.add(fault)


@pytest.mark.parametrize(
    "kind", ["reset_before", "reset_after", "timeout_before", "timeout_after", "html_502"]
)
async def test_a_write_without_an_answer_is_indeterminate(
    server: SandboxServer, network: UnipileNetwork, kind: FaultKind
) -> None:
    """INVARIANT: whatever was sent and not answered may have taken effect (E5)."""
    inject(server, kind)
    with pytest.raises(IndeterminateWrite):
        await network.provider.react(
            network.post, "like", account=OURS, deadline=soon(0.3), permit=FREE
        )


async def test_a_write_on_a_kept_connection_that_breaks_is_indeterminate(
    server: SandboxServer, network: UnipileNetwork
) -> None:
    """INVARIANT: a connection used before and lost now proves nothing about the request on it."""
    await network.provider.react(network.post, "like", account=OURS, deadline=soon(), permit=FREE)
    inject(server, "reset_after")
    with pytest.raises(IndeterminateWrite):
        await network.provider.react(
            network.post, "like", account=OURS, deadline=soon(), permit=FREE
        )
    assert len(server.sandbox.truth.effects) == 2, "the client itself must not send it again"


@pytest.mark.parametrize("kind", ["reset_before", "timeout_before", "html_502", "malformed_json"])
async def test_a_read_without_an_answer_is_transient(
    server: SandboxServer, network: UnipileNetwork, kind: FaultKind
) -> None:
    """E6: a read changes nothing and may be tried again."""
    inject(server, kind, times=2)
    with pytest.raises(TransientProviderError):
        await network.provider.find_reaction(network.post, account=OURS, deadline=soon(0.3))


async def test_a_refused_connection_had_no_effect() -> None:
    """E6: nobody was reached, so the write may simply be tried again."""
    endpoint = Endpoint(base_url="http://127.0.0.1:9/api/v1", api_key=SecretStr("key"))
    provider = UnipileProvider(endpoint)
    with pytest.raises(TransientProviderError) as caught:
        await provider.react(
            "urn:li:activity:7", "like", account=OURS, deadline=soon(), permit=FREE
        )
    await provider.aclose()
    assert caught.value.error_type is ErrorType.NETWORK_ERROR


class Door:
    """A server that counts the connections and the requests that come to it, and answers each."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests = 0
        self.came = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.came.set()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, UnipileProvider]]:
    """Only one connection at a time may be open to it."""
    there = Door()
    async with await asyncio.start_server(there.serve, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
        provider = UnipileProvider(
            Endpoint(base_url=address, api_key=SecretStr("key"), connections=1)
        )
        yield there, provider
        await provider.aclose()


async def test_a_permit_is_asked_for_when_the_connection_stands(
    door: tuple[Door, UnipileProvider],
) -> None:
    """INVARIANT: what is said while it connects is in force; a no leaves nothing behind."""
    there, provider = door
    asked: list[tuple[int, int]] = []

    async def no() -> None:
        await there.came.wait()
        asked.append((there.connections, there.requests))
        raise NotPermitted(None)

    async def yes() -> None:
        asked.append((there.connections, there.requests))

    for answer in (no, no, yes, yes):
        with contextlib.suppress(NotPermitted):
            await provider.react("7", "like", account=OURS, deadline=soon(), permit=answer)

    assert asked == [(1, 0), (1, 0), (1, 0), (1, 1)]
    assert there.requests == 2


async def test_the_networks_clock_is_told(server: SandboxServer) -> None:
    """Invariant 1: by what each answer says of itself."""
    endpoint = Endpoint(base_url=server.unipile_url, api_key=SecretStr(UNIPILE_KEY))
    provider = UnipileProvider(endpoint, FakeClock(datetime.now(UTC) - timedelta(hours=1)))
    with contextlib.suppress(ProviderError):
        await provider.own_posts(account=OURS, deadline=soon())
    await provider.aclose()
    offset = metrics.process.network_clock_offset._value.get()
    assert offset == pytest.approx(3600, abs=120)


async def test_the_key_is_in_no_error(server: SandboxServer) -> None:
    """Invariant 7."""
    endpoint = Endpoint(base_url=server.unipile_url, api_key=SecretStr("not-the-right-key"))
    provider = UnipileProvider(endpoint)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any error; its text matters
        await provider.react(
            "urn:li:activity:7", "like", account=OURS, deadline=soon(), permit=FREE
        )
    await provider.aclose()
    assert "not-the-right-key" not in repr(caught.value)
    assert "not-the-right-key" not in repr(endpoint)


@pytest.fixture
async def endless() -> AsyncIterator[UnipileProvider]:
    """Of a server that answers 200 and never comes to the end of its body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"0," * 500_000)
                await writer.drain()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        provider = UnipileProvider(
            Endpoint(base_url=f"http://127.0.0.1:{port}/api/v1", api_key=SecretStr("key"))
        )
        yield provider
        await provider.aclose()


async def test_a_body_without_an_end_is_not_read_to_the_end(endless: UnipileProvider) -> None:
    """Finding D2: what comes from outside is bounded where it enters, in bytes too."""
    post = "urn:li:activity:7332661864792854528"
    with pytest.raises(TransientProviderError) as caught:
        await endless.find_reaction(post, account=OURS, deadline=soon(30))
    assert "not a JSON object" in str(caught.value)
    with pytest.raises(IndeterminateWrite) as lost:
        await endless.react(post, "like", account=OURS, deadline=soon(30), permit=FREE)
    assert "not JSON" in str(lost.value)


@pytest.mark.parametrize("name", [".", "..", "..."])
async def test_an_id_that_is_a_path_is_refused(network: UnipileNetwork, name: str) -> None:
    """Finding E9: `.` and `..` would lead to another address of the API."""
    with pytest.raises(PermanentProviderError) as caught:
        await network.provider.comment(
            name, "Well said.", account=OURS, deadline=soon(), permit=FREE
        )
    assert caught.value.code == "not_an_id"
