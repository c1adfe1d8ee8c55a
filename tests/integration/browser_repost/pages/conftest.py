"""One browser and one sandbox a module; a world, a context and a session of its own for a test."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser
from pydantic import SecretStr

from chorus.clock import SystemClock
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint
from chorus_sandbox.app import SESSION_KEY
from chorus_sandbox.server import SandboxServer
from tests.integration.browser_repost.pages.harness import MEMBER, Harness
from tests.integration.browser_repost.pool_harness import a_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def source(server: SandboxServer) -> AsyncIterator[HttpSessionSource]:
    state = server.sandbox.state
    state.add_account(
        person=state.add_person(name="Noa Lev"),
        created_ms=server.sandbox.now_ms(),
        account_id=MEMBER,
    )
    endpoint = SessionEndpoint(
        url=server.session_url, header="X-API-KEY", key=SecretStr(SESSION_KEY)
    )
    sessions = HttpSessionSource(endpoint, SystemClock())
    yield sessions
    await sessions.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def harness(
    browser: Browser, server: SandboxServer, source: HttpSessionSource
) -> AsyncIterator[Harness]:
    session = await source.fetch(MEMBER)
    options = ContextOptions(
        user_agent=session.user_agent, cookies=session.cookies_for(server.linkedin_url)
    )
    session.forget()
    visit = await EphemeralContext.open(browser, options, blocked_urls=())
    yield Harness(server, visit)
    await visit.close(10)
