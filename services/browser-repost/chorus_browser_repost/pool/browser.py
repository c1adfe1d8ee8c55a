"""One Chromium with a driver of its own: they start, serve and end together.

A driver for each browser keeps what is lost with it small, and gives back the memory of a retired
browser's driver, which grows too.
"""

import asyncio
import contextlib
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import structlog
from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from chorus_browser_repost.domain.recycling import Condition
from chorus_browser_repost.pool import chromium, processes
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_browser_repost.pool.driver import Driver
from chorus_browser_repost.pool.errors import BrowserStartFailed, Level
from chorus_browser_repost.pool.folders import remove_tree
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.settings import BrowserPoolSettings

_log = structlog.get_logger(__name__)

_HINTS: Final = {
    "No usable sandbox": "its sandbox needs user namespaces, which are refused here",
    "error while loading shared libraries": "a shared library is missing",
    "Running as root without --no-sandbox": "it refuses to run as root with its sandbox",
    "No space left on device": "the disk or /dev/shm is full",
    "Permission denied": "it may not be executed",
}


class PooledBrowser:
    """`busy` jobs are in it now; `uses` have been. `sessions` hold all its processes."""

    def __init__(
        self,
        *,
        driver: Driver,
        browser: Browser,
        sessions: frozenset[int],
        folder: Path,
        now: float,
    ) -> None:
        self._driver = driver
        self._browser = browser
        self._folder = folder
        self.sessions = sessions
        self.started_at = now
        self.busy = 0
        self.uses = 0
        self.pss_bytes = 0

    @classmethod
    async def launch(
        cls,
        settings: BrowserPoolSettings,
        *,
        executable: Path,
        sandbox: bool,
        folder: Path,
        on_gone: Callable[[], None],
    ) -> Self:
        """Start a driver and a browser in `folder`. Raises BrowserStartFailed; nothing stays.

        `on_gone` is called when the connection to the browser has ended, for whatever reason.
        """
        driver = await Driver.start(folder, within_seconds=settings.launch_seconds)
        failed: str | None = None
        try:
            browser = await driver.playwright.chromium.launch(
                executable_path=executable,
                args=chromium.arguments(settings.reachable_hosts),
                ignore_default_args=["--disable-dev-shm-usage"] if _dev_shm(settings) else None,
                chromium_sandbox=sandbox,
                timeout=settings.launch_seconds * 1000,
                # The service decides what a signal means: jobs may end first.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            sessions = await asyncio.to_thread(processes.sessions_from, driver.pid)
        except Exception as error:  # noqa: BLE001 - a driver that dies shows as a bare Exception
            failed = _reason(error)
        else:
            browser.on("disconnected", lambda _: on_gone())
            now = asyncio.get_running_loop().time()
            return cls(driver=driver, browser=browser, sessions=sessions, folder=folder, now=now)
        sessions = await asyncio.to_thread(processes.sessions_from, driver.pid)
        await _end(sessions, driver, folder, settings.close_seconds)
        raise BrowserStartFailed(f"Chromium did not start: {failed}.")

    @property
    def condition(self) -> Condition:
        return Condition(uses=self.uses, started_at=self.started_at, pss_bytes=self.pss_bytes)

    def lost(self) -> Level | None:
        """What of it has died."""
        if not self._driver.alive():
            return Level.DRIVER
        return None if self._browser.is_connected() else Level.BROWSER

    async def open(
        self, options: ContextOptions, settings: BrowserPoolSettings
    ) -> EphemeralContext:
        """A context for one job. Raises what Playwright raises."""
        return await EphemeralContext.open(self._browser, options, settings.blocked_urls)

    async def weigh(self) -> None:
        """Measure its memory; some milliseconds of a thread."""
        self.pss_bytes = await asyncio.to_thread(processes.pss_bytes, self.sessions)

    async def close(self, seconds: float) -> None:
        """Close the browser, then its driver, each within `seconds`; kill what is left; reap."""
        try:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._browser.close()
        finally:
            await _end(self.sessions, self._driver, self._folder, seconds)
            # What Playwright kept of its jobs is cyclic, and a service looks for cycles rarely.
            gc.collect()


async def _end(sessions: frozenset[int], driver: Driver, folder: Path, seconds: float) -> None:
    try:
        with contextlib.suppress(PlaywrightError, TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                await driver.stop()
    finally:
        await asyncio.to_thread(processes.end, sessions, besides=driver.pid)
        await asyncio.to_thread(processes.end_orphans)
        await driver.reaped(seconds)
        await asyncio.to_thread(remove_tree, folder)


def _dev_shm(settings: BrowserPoolSettings) -> bool:
    if settings.use_dev_shm is None:
        return chromium.shared_memory_suffices()
    return settings.use_dev_shm


def _reason(error: Exception) -> str:
    """Never the text itself: it holds what the browser printed."""
    text = str(error)
    known = (hint for words, hint in _HINTS.items() if words in text)
    return next(known, type(error).__name__)
