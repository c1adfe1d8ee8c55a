"""The pool: a browser context for a job, some at once, over few browsers.

Measured on two very busy cores (Chromium 156, headless shell): a context with its page, opened and
closed, takes 115 ms of CPU over all processes; a whole repost some 1,050. An
idle browser with its driver has 160-220 MiB. A page opened ahead of time would save little, since
the user agent belongs to the context; so only browsers are kept warm.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import structlog

from chorus.telemetry import metrics
from chorus.telemetry.metrics import BrowserMetrics
from chorus_browser_repost.pool import chromium, driver, processes
from chorus_browser_repost.pool.browser import PooledBrowser
from chorus_browser_repost.pool.browsers import Fleet
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_browser_repost.pool.errors import BrowserStartFailed
from chorus_browser_repost.pool.folders import ProcessFolder, sweep
from chorus_browser_repost.pool.job_slots import JobSlots
from chorus_browser_repost.pool.lease import Job
from chorus_browser_repost.pool.options import ContextOptions
from chorus_browser_repost.pool.playwright_errors import translated
from chorus_browser_repost.pool.settings import BrowserPoolSettings

_log = structlog.get_logger(__name__)


class BrowserPool:
    """Ephemeral contexts in warm browsers, which it recycles, and replaces when they die."""

    def __init__(
        self, settings: BrowserPoolSettings, *, counting: BrowserMetrics = metrics.browser
    ) -> None:
        self._settings = settings
        self._metrics = counting
        self._slots = JobSlots(settings.slots)
        self._fleet = Fleet(settings, self._launch, counting)
        self._numbers = count(1)
        self._folder: ProcessFolder | None = None
        self._executable = Path()
        self._sandbox = True
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find Chromium, clear what dead processes left, start the first browser.

        Raises ConfigurationError, BrowserStartFailed.
        """
        driver.refuse_to_show_messages()
        self._executable = await asyncio.to_thread(chromium.find, self._settings.chromium)
        self._sandbox = chromium.may_use_sandbox(wanted=self._settings.sandbox)
        processes.adopt_orphans()
        parent = self._settings.folder or Path(tempfile.gettempdir())
        if swept := await asyncio.to_thread(sweep, parent):
            _log.info("browser.leftovers_removed", folders=swept)
        self._folder = ProcessFolder.make(parent)
        self._show(self._settings.slots)
        try:
            await self._fleet.start()
        except BaseException:
            folder, self._folder = self._folder, None
            await asyncio.to_thread(folder.remove)
            raise
        self._keeping = asyncio.create_task(self._fleet.run(), name="browser-fleet")

    async def run(self) -> None:
        """Return when the pool has stopped; raise what ended its supervision."""
        if self._keeping is not None:
            await asyncio.shield(self._keeping)

    def ready(self) -> bool:
        """Whether there is a browser to serve in."""
        return bool(self._fleet.serving)

    @property
    def browsers(self) -> tuple[PooledBrowser, ...]:
        """All that run now: those that take jobs, then those that end."""
        return (*self._fleet.serving, *self._fleet.leaving)

    async def stop(self) -> None:
        """Take no more jobs, let those under way end within the drain bound, close everything.

        A second call does nothing.
        """
        self._slots.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._slots.empty()
        await self._fleet.stop()
        processes.adopt_orphans(wanted=False)
        self._show(0)
        if self._folder is not None:
            folder, self._folder = self._folder, None
            await asyncio.to_thread(folder.remove)

    @asynccontextmanager
    async def context(
        self, options: ContextOptions, *, deadline: float
    ) -> AsyncIterator[EphemeralContext]:
        """A context with one open page, gone when the block has been left.

        `deadline` is an instant of the loop's clock; it covers the wait for a place and the block.
        Raises BrowserUnavailable or PoolStopping before the block was entered; BrowserLost,
        BrowserDeadline or BrowserCallFailed out of it. Errors of Chorus pass as they are.
        """
        began = time.monotonic()
        await self._slots.take(deadline)
        try:
            job = Job(self._fleet, self._settings, deadline)
            opened = await job.open(options)
            self._metrics.wait_seconds.observe(time.monotonic() - began)
            try:
                async with asyncio.timeout_at(deadline):
                    yield opened
            except Exception as error:
                instead = translated(error, await job.lost(error))
                if instead is None:
                    raise
                raise instead from None
            finally:
                await job.close()
                self._metrics.run_seconds.observe(time.monotonic() - began)
        finally:
            self._slots.give()

    async def _launch(self) -> PooledBrowser:
        if self._folder is None:
            raise BrowserStartFailed("The pool was not started.")
        return await PooledBrowser.launch(
            self._settings,
            executable=self._executable,
            sandbox=self._sandbox,
            folder=self._folder.below(str(next(self._numbers))),
            on_gone=self._fleet.look_soon,
        )

    def _show(self, slots: int) -> None:
        """Let the metrics show what is the case now; with no slots, that there is nothing."""
        self._metrics.slots.set(slots)
        self._metrics.busy.set_function(lambda: self._slots.busy)
        self._metrics.waiting.set_function(lambda: self._slots.waiting)
