"""The harnesses that the browser executor and its pool are tested in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from chorus_lab.seeding import make_tenant
from chorus_sandbox.server import SandboxServer
from tests.integration.browser_repost.harness import BrowserHarness
from tests.integration.browser_repost.pool_harness import Site, a_site
from tests.integration.executor.harness import as_role


@pytest.fixture
async def harness(migrated_database: str, tmp_path: Path) -> AsyncIterator[BrowserHarness]:
    """Three accounts that agreed to everything, an empty world, and no browser yet."""
    async with (
        await AsyncConnection.connect(
            migrated_database, autocommit=True, row_factory=dict_row
        ) as owner,
        SandboxServer() as server,
        AsyncExitStack() as processes,
    ):
        yield BrowserHarness(
            owner=owner,
            dsn=as_role(migrated_database, "chorus_browser_repost"),
            tenant=await make_tenant(owner, members=3, provider_prefix="member"),
            server=server,
            stack=processes,
            folder=tmp_path,
        )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A small site for the pool's browsers."""
    async with a_site() as running:
        yield running
