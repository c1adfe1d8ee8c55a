"""One job's browser context: made for it, watched, and gone after it."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self, cast

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from chorus_browser_repost.pool.errors import Level
from chorus_browser_repost.pool.options import ContextOptions


class EphemeralContext:
    """A context with one open page. `lost` says what of it has died.

    `renew` puts another in its place; a job has one at a time, and so one renderer.
    """

    def __init__(
        self, browser: Browser, options: ContextOptions, blocked_urls: Sequence[str]
    ) -> None:
        self.context: BrowserContext
        self.page: Page
        self.lost: Level | None = None
        self._browser = browser
        # The context has them; what stays here may outlive it.
        self._options = replace(options, cookies=())
        self._blocked_urls = blocked_urls
        self._died = asyncio.Event()
        self._closing = False
        self._replacing = False
        self._renewing: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, browser: Browser, options: ContextOptions, blocked_urls: Sequence[str]
    ) -> Self:
        """Raises what Playwright raises."""
        opened = cls(browser, options, blocked_urls)
        await opened._enter(options)
        return opened

    async def renew(self) -> Page:
        """Close the context, then open another with the same session; its page.

        Nothing was sent on the new one's connections. Raises what Playwright raises.
        """
        # What a member's visit has changed of the session goes on with it.
        cookies = cast("Any", await self.context.cookies())
        options = replace(self._options, cookies=cookies)
        # Not cancelled with its caller: a context that comes too late still holds the session.
        self._renewing = asyncio.create_task(self._replace(options))
        self._renewing.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._renewing)
        return self.page

    async def close(self, seconds: float) -> None:
        """Close it with its pages. Raises TimeoutError, or what Playwright raises."""
        self._closing = True
        renewing = self._renewing
        try:
            async with asyncio.timeout(seconds):
                if renewing is not None:
                    await asyncio.wait([renewing])
                await self.context.close()
        finally:
            if renewing is not None:
                renewing.cancel()

    async def death(self, seconds: float) -> None:
        """Return when something of it has died, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._died.wait()

    async def _replace(self, options: ContextOptions) -> None:
        self._replacing = True
        await self.context.close()
        self._replacing = False
        await self._enter(options)

    async def _enter(self, options: ContextOptions) -> None:
        context = await self._browser.new_context(
            user_agent=options.user_agent,
            locale=options.locale,
            extra_http_headers=dict(options.headers),
            accept_downloads=False,
            service_workers="block",
        )
        try:
            page = await _furnish(context, options, self._blocked_urls)
        except PlaywrightError:
            with contextlib.suppress(PlaywrightError):
                await context.close()
            raise
        self.context, self.page = context, page
        context.on("close", self._on_close)
        context.on("page", self._watch)
        self._watch(page)

    def _watch(self, page: Page) -> None:
        page.on("crash", self._on_crash)

    def _on_crash(self, _: Page) -> None:
        self._lose(Level.PAGE)

    def _on_close(self, _: BrowserContext) -> None:
        if not (self._closing or self._replacing):
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
