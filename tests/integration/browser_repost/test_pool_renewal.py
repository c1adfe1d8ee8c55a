"""A context that is put in another's place in the midst of a job."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from playwright.async_api import Browser, BrowserContext

from chorus_browser_repost.pool import BrowserLost, ContextOptions
from chorus_browser_repost.pool.context import EphemeralContext
from tests.integration.browser_repost.pool_harness import (
    Harness,
    Site,
    a_browser,
    a_pool,
    chromium_of,
    kill,
    of_a_member,
    until,
)


@pytest.fixture
async def harness() -> AsyncIterator[Harness]:
    async with a_pool() as running:
        yield running


class SlowBrowser:
    """Makes its second context when it is let, and knows what was there then."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self.there: list[BrowserContext] = []
        self._first = True

    async def new_context(self, **values: Any) -> BrowserContext:
        if not self._first:
            self.there = list(self._browser.contexts)
            self.asked.set()
            await self.let.wait()
        self._first = False
        return await self._browser.new_context(**values)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as started:
        yield started


async def test_the_session_goes_on_and_nothing_else_does(site: Site, harness: Harness) -> None:
    """INVARIANT P6: cookies, user agent and blocks are kept; connections and storage are not."""
    async with harness.pool.context(of_a_member(site), deadline=harness.soon) as opened:
        before = opened.page
        await before.goto(site.address, wait_until="load")
        await until(lambda: "/ready" in site.paths, "the page has run its script")
        used = set(site.connections.values())
        page = await opened.renew()
        assert page is opened.page
        assert before.is_closed()
        await page.add_init_script("window.found = localStorage.getItem('left')")
        await page.goto(f"{site.address}/next", wait_until="load")
        assert await page.evaluate("window.found") is None
        assert await page.evaluate("navigator.webdriver") is True
        await until(lambda: site.paths.count("/ready") == 2, "this one has run it, too")

    first, second = (next(r for r in site.requests if r.path == path) for path in ("/", "/next"))
    assert (second.headers["user-agent"], second.headers["x-extra"]) == ("Agent/1.0", "yes")
    assert set(second.headers["cookie"].split("; ")) == {"li_at=v", "left=behind"}
    assert first.headers["accept-language"] == second.headers["accept-language"]
    assert site.connections["/next"] not in used
    assert {"/clip.mp4", "/sound.mp3", "/px/insight.js"}.isdisjoint(site.paths)
    assert harness.counted("crashes_total", level="context") == 0


async def test_the_old_one_is_gone_before_the_new_one_is_made(browser: Browser) -> None:
    """K4: a job never has two renderers."""
    slow = SlowBrowser(browser)
    opened = await EphemeralContext.open(cast("Browser", slow), ContextOptions(), ())
    slow.let.set()
    await opened.renew()
    assert slow.there == []
    assert len(browser.contexts) == 1
    await opened.close(5)


async def test_a_job_that_ends_while_it_is_renewed_leaves_no_context(browser: Browser) -> None:
    """INVARIANT P6: one that comes too late still holds the session, and is closed."""
    slow = SlowBrowser(browser)
    opened = await EphemeralContext.open(cast("Browser", slow), ContextOptions(), ())
    renewing = asyncio.create_task(opened.renew())
    await slow.asked.wait()
    renewing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await renewing
    closing = asyncio.create_task(opened.close(5))
    slow.let.set()
    await closing
    assert browser.contexts == []
    assert opened.lost is None


async def test_a_renewal_that_never_comes_holds_nobody_up(browser: Browser) -> None:
    """Its close says so in time, and the pool then ends the browser."""
    slow = SlowBrowser(browser)
    opened = await EphemeralContext.open(cast("Browser", slow), ContextOptions(), ())
    renewing = asyncio.create_task(opened.renew())
    await slow.asked.wait()
    with pytest.raises(TimeoutError):
        await opened.close(0.05)
    with pytest.raises(asyncio.CancelledError):
        await renewing


async def test_a_browser_that_dies_before_the_renewal(site: Site, harness: Harness) -> None:
    """K4: the job is told what it has lost, and the next one is served."""
    with pytest.raises(BrowserLost):
        await visit(site, harness, killed=True)
    await visit(site, harness, killed=False)


async def visit(site: Site, harness: Harness, *, killed: bool) -> None:
    async with harness.pool.context(ContextOptions(), deadline=harness.soon) as opened:
        await opened.page.goto(site.address)
        if killed:
            kill(chromium_of(harness.only))
        await opened.renew()
