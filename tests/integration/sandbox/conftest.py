"""One real server a module on a free port, emptied before each test."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from chorus_sandbox.server import SandboxServer
from tests.integration.sandbox.driver import Driver, fresh_driver


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(server: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def driver(client: httpx.AsyncClient) -> Driver:
    return await fresh_driver(client)
