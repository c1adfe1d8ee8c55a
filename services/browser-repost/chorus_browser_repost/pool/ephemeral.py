"""One job's browser context: made for it, watched, and gone after it."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Self, cast

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from chorus_browser_repost.pool.errors import Level
from chorus_browser_repost.pool.options import ContextOptions


class EphemeralContext:
    """A context with one open page. `lost` says what of it has died."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.lost: Level | None = None
        self._died = asyncio.Event()
        self._closing = False
        context.on("close", self._on_close)
        context.on("page", self._watch)
        self._watch(page)

    @classmethod
    async def open(
        cls, browser: Browser, options: ContextOptions, blocked_urls: Sequence[str]
    ) -> Self:
        """Raises what Playwright raises."""
        context = await browser.new_context(
            user_agent=options.user_agent,
            locale=options.locale,
            extra_http_headers=dict(options.headers),
            accept_downloads=False,
            service_workers="block",
        )
        try:
            return cls(context, await _furnish(context, options, blocked_urls))
        except PlaywrightError:
            with contextlib.suppress(PlaywrightError):
                await context.close()
            raise

    async def close(self, seconds: float) -> None:
        """Close it with its pages. Raises TimeoutError, or what Playwright raises."""
        self._closing = True
        async with asyncio.timeout(seconds):
            await self.context.close()

    async def death(self, seconds: float) -> None:
        """Return when something of it has died, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._died.wait()

    def _watch(self, page: Page) -> None:
        page.on("crash", self._on_crash)

    def _on_crash(self, _: Page) -> None:
        self._lose(Level.PAGE)

    def _on_close(self, _: BrowserContext) -> None:
        if not self._closing:
            self._lose(Level.CONTEXT)

    def _lose(self, level: Level) -> None:
        self.lost = self.lost or level
        self._died.set()


async def _furnish(
    context: BrowserContext, options: ContextOptions, blocked_urls: Sequence[str]
) -> Page:
    if options.cookies:
        await context.add_cookies([cast("Any", cookie) for cookie in options.cookies])
    page = await context.new_page()
    if blocked_urls:
        # Media and trackers of reachable hosts. The session ends with the page.
        # Without `enable` the block is not in force; of answers nothing is kept for it.
        session = await context.new_cdp_session(page)
        await session.send("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})
        await session.send("Network.setBlockedURLs", {"urls": list(blocked_urls)})
    return page
