"""Every test of the suite runs on the fake and on the Unipile adapter over the sandbox."""

from collections.abc import AsyncIterator

import pytest

from chorus_sandbox.server import SandboxServer
from tests.contract.executor.harness import FakeNetwork, Network, UnipileNetwork


@pytest.fixture(params=["fake", "unipile"])
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    if request.param == "fake":
        yield FakeNetwork()
        return
    async with SandboxServer() as server:
        real = UnipileNetwork(server)
        yield real
        await real.provider.aclose()
