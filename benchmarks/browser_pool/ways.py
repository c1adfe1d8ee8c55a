"""The two ways: each a context manager that gives a function which reposts one post."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from pydantic import SecretStr

from benchmarks.browser_pool.work import Work
from chorus.clock import SystemClock
from chorus_browser_repost.pages import Site, leave, open_unreposted
from chorus_browser_repost.pool import BrowserPool, BrowserPoolSettings, ContextOptions
from chorus_browser_repost.pool.chromium import may_use_sandbox
from chorus_browser_repost.sessions.http import HttpSessionSource, SessionEndpoint

Repost = Callable[[str, str], Awaitable[None]]
_SECONDS = 60.0


@asynccontextmanager
async def sessions_of(work: Work) -> AsyncIterator[HttpSessionSource]:
    """Where both ways get their cookies."""
    endpoint = SessionEndpoint(
        url=work.session_url, header="X-API-KEY", key=SecretStr(work.session_key)
    )
    source = HttpSessionSource(endpoint, SystemClock())
    yield source
    await source.aclose()


@asynccontextmanager
async def pool(work: Work) -> AsyncIterator[Repost]:
    """As the service does it: a warm pool, page objects, evidence read again after the click."""
    host = urlsplit(work.linkedin_url).hostname or ""
    browsers = BrowserPool(
        BrowserPoolSettings(
            CHORUS_CHROMIUM=Path(work.chromium), slots=work.at_once, reachable_hosts=(host,)
        )
    )
    site = Site(base_url=work.linkedin_url)

    async with sessions_of(work) as sessions:

        async def repost(account: str, post: str) -> None:
            deadline = asyncio.get_running_loop().time() + _SECONDS
            session = await sessions.fetch(account)
            options = ContextOptions(
                user_agent=session.user_agent, cookies=session.cookies_for(work.linkedin_url)
            )
            session.forget()
            async with browsers.context(options, deadline=deadline) as visit:
                opened = await open_unreposted(visit, post, site=site, deadline=deadline)
                await opened.repost(None, now=SystemClock().now(), permit=_permitted)
                await leave(visit.page)

        await browsers.start()
        try:
            yield repost
        finally:
            await browsers.stop()


@asynccontextmanager
async def naive(work: Work) -> AsyncIterator[Repost]:
    """As simple scripts do it: a browser for each job, everything loaded, fixed pauses.

    Generous to it: one driver for all jobs.
    """
    async with sessions_of(work) as sessions, async_playwright() as playwright:

        async def repost(account: str, post: str) -> None:
            session = await sessions.fetch(account)
            browser = await playwright.chromium.launch(
                executable_path=work.chromium, chromium_sandbox=may_use_sandbox()
            )
            try:
                context = await browser.new_context(user_agent=session.user_agent, locale="en-US")
                await context.add_cookies(session.cookies_for(work.linkedin_url))
                page = await context.new_page()
                await _click_through(page, f"{work.linkedin_url}{urlsplit(post).path}")
                await _idle(page, f"{work.linkedin_url}/in/me/recent-activity/all/")
                await page.wait_for_timeout(1000)
            finally:
                await browser.close()

        yield repost


async def _click_through(page: Page, address: str) -> None:
    await _idle(page, address)
    await page.wait_for_timeout(2000)
    await page.locator("button.social-reshare-button").first.click()
    await page.wait_for_timeout(1000)
    await page.locator(".social-reshare-button__sharing-as-is-dropdown-item").first.click()
    await page.wait_for_timeout(2000)
    await page.locator(".artdeco-toast-item").first.wait_for()


async def _idle(page: Page, address: str) -> None:
    """The network is never idle, since the page keeps a connection for news. A script that
    works at all goes on after some seconds, not after Playwright's thirty.
    """
    with contextlib.suppress(PlaywrightTimeoutError):
        await page.goto(address, wait_until="networkidle", timeout=3000)


async def _permitted() -> None:
    """Nobody stands against it."""
