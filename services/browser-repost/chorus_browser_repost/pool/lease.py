"""One job's way through the pool: a browser, a context in it, and both given back."""

import asyncio
from typing import Final

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus_browser_repost.domain.recycling import Retirement
from chorus_browser_repost.pool.browser import PooledBrowser
from chorus_browser_repost.pool.browsers import Fleet
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_browser_repost.pool.errors import BrowserCallFailed, BrowserUnavailable, Level
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.settings import BrowserPoolSettings

_NEWS_SECONDS: Final = 0.25
_log = structlog.get_logger(__name__)


class Job:
    """To be opened once and, if that worked, closed once."""

    def __init__(self, fleet: Fleet, settings: BrowserPoolSettings, deadline: float) -> None:
        self._fleet = fleet
        self._settings = settings
        self._deadline = deadline
        self._browser: PooledBrowser
        self._opened: EphemeralContext

    async def open(self, options: ContextOptions) -> EphemeralContext:
        """A context, in another browser where the first one fails to give one.

        Raises BrowserUnavailable at the deadline, BrowserCallFailed where the options are refused.
        """
        while True:
            browser = await self._picked()
            opening = asyncio.create_task(browser.open(options, self._settings))
            try:
                async with asyncio.timeout(self._settings.open_seconds):
                    async with asyncio.timeout_at(self._deadline):
                        self._opened = await asyncio.shield(opening)
            except TimeoutError:
                self._abandon(browser, opening)
            except asyncio.CancelledError:
                self._abandon(browser, opening)
                raise
            except Exception as error:  # noqa: BLE001 - a dead driver shows as a bare Exception
                self._fleet.release(browser)
                if self._fleet.lost(browser) is None:
                    raise BrowserCallFailed(type(error).__name__) from None
            else:
                self._browser = browser
                return self._opened

    async def lost(self, error: Exception) -> Level | None:
        """What the job has lost, after an error in it.

        The news of a crash may come a moment after the failure of the call that it cut off.
        """
        if _may_be_a_crash(error) and self._opened.lost is None:
            await self._opened.death(_NEWS_SECONDS)
        return self._fleet.lost(self._browser) or self._opened.lost

    async def close(self) -> None:
        """Close the context and let go of the browser, also when cancelled meanwhile."""
        closing = asyncio.create_task(self._close(self._browser, self._opened))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait([closing])
            raise

    async def _picked(self) -> PooledBrowser:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._fleet.pick()
        except TimeoutError:
            raise BrowserUnavailable("No browser was there in time.") from None

    def _abandon(self, browser: PooledBrowser, opening: asyncio.Task[EphemeralContext]) -> None:
        """A context that comes too late still holds the session: it is awaited and closed."""
        self._fleet.own(self._late(browser, opening))

    async def _late(self, browser: PooledBrowser, opening: asyncio.Task[EphemeralContext]) -> None:
        done, _ = await asyncio.wait([opening], timeout=self._settings.close_seconds)
        if done and opening.exception() is None:
            await self._close(browser, opening.result())
            return
        opening.cancel()
        self._fleet.retire(browser, Retirement.HUNG)
        self._fleet.release(browser)

    async def _close(self, browser: PooledBrowser, opened: EphemeralContext) -> None:
        try:
            await opened.close(self._settings.close_seconds)
        except Exception as error:  # noqa: BLE001 - a dead driver shows as a bare Exception
            if self._fleet.lost(browser) is None:
                _log.warning("browser.context_not_closed", error=type(error).__name__)
                self._fleet.retire(browser, Retirement.HUNG)
        finally:
            if opened.lost is not None and self._fleet.lost(browser) is None:
                self._fleet.count_crash(opened.lost)
            self._fleet.release(browser)


def _may_be_a_crash(error: Exception) -> bool:
    return isinstance(error, PlaywrightError) and not isinstance(error, PlaywrightTimeoutError)
