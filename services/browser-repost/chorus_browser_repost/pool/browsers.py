"""The browsers of a pool: kept at their number, recycled, replaced when they die."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from chorus.process.stopping import Stopping
from chorus.retry import Pauses
from chorus.telemetry.metrics import BrowserMetrics
from chorus_browser_repost.domain.recycling import Move, Retirement, next_move
from chorus_browser_repost.pool.browser import PooledBrowser
from chorus_browser_repost.pool.errors import BrowserStartFailed, Level
from chorus_browser_repost.pool.settings import BrowserPoolSettings

_log = structlog.get_logger(__name__)
_LONGEST_PAUSE = 30.0

Launch = Callable[[], Awaitable[PooledBrowser]]


class Fleet:
    """Serving browsers take jobs; leaving ones finish theirs and are closed after the last."""

    def __init__(
        self, settings: BrowserPoolSettings, launch: Launch, metrics: BrowserMetrics
    ) -> None:
        self._settings = settings
        self._launch = launch
        self._metrics = metrics
        self._serving: list[PooledBrowser] = []
        self._leaving: dict[PooledBrowser, asyncio.Task[None] | None] = {}
        self._owned: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._kick = asyncio.Event()
        self._stopping = Stopping()
        self._pauses = Pauses(first=settings.backoff_seconds, longest=_LONGEST_PAUSE)
        self._not_before = 0.0

    @property
    def serving(self) -> tuple[PooledBrowser, ...]:
        return tuple(self._serving)

    @property
    def leaving(self) -> tuple[PooledBrowser, ...]:
        return tuple(self._leaving)

    async def start(self) -> None:
        """Start the first browser; `run` starts the others. Raises BrowserStartFailed."""
        await self._make("start")

    async def run(self) -> None:
        """Look after the browsers until stopped; the start of a browser is finished first."""
        with self._stopping.running():
            await self._run()

    async def _run(self) -> None:
        weigh_at = _now() + self._settings.check_seconds
        while not self._stopping.told:
            if _now() >= weigh_at:
                await self._weigh()
                weigh_at = _now() + self._settings.check_seconds
            await self._look()
            wake_at = min(weigh_at, self._not_before) if self._not_before > _now() else weigh_at
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(wake_at):
                    await self._kick.wait()
            self._kick.clear()

    async def pick(self) -> PooledBrowser:
        """The serving browser with the fewest jobs, one job added; waits until there is one."""
        async with self._changed:
            while True:
                await self._changed.wait_for(lambda: bool(self._serving))
                chosen = min(self._serving, key=lambda browser: browser.busy)
                if self.lost(chosen) is None:
                    break
        chosen.busy += 1
        chosen.uses += 1
        return chosen

    def release(self, browser: PooledBrowser) -> None:
        """One job of a browser has ended."""
        browser.busy -= 1
        if browser.busy == 0 and self._leaving.get(browser, self) is None:
            self._end(browser)
        elif browser.uses >= self._settings.retire_after_uses:
            self._kick.set()

    def retire(self, browser: PooledBrowser, reason: Retirement) -> None:
        """Give it no more jobs; close it after its last one."""
        if browser not in self._serving:
            return
        self._leave(browser)
        self._metrics.retirements.labels(reason).inc()
        _log.info("browser.retired", reason=reason, uses=browser.uses, pss=browser.pss_bytes)
        if browser.busy == 0:
            self._end(browser)

    def lost(self, browser: PooledBrowser) -> Level | None:
        """What of a browser has died. One of ours that has is closed, and replaced by `run`."""
        level = browser.lost()
        if level is not None and self._is_ours(browser):
            self._lose(browser, level)
        return level

    def look_soon(self) -> None:
        """Somebody has reason to think that a browser has died."""
        self._kick.set()

    def own(self, work: Coroutine[None, None, None]) -> None:
        """Do something that nobody waits for, before `stop` returns."""
        task = asyncio.create_task(work)
        self._owned.add(task)
        task.add_done_callback(self._owned.discard)

    def count_crash(self, level: Level) -> None:
        """A page or a context died; its browser goes on."""
        self._metrics.crashes.labels(level).inc()
        _log.warning("browser.lost", level=level)

    async def stop(self) -> None:
        """Close every browser, and return when all of them are gone."""
        self._stopping.tell()
        self._kick.set()
        await self._stopping.stop()
        for browser in self._serving.copy():
            self._leave(browser)
        for browser in self._leaving:
            self._end(browser)
        if self._owned:
            await asyncio.wait(self._owned)
        while endings := [ending for ending in self._leaving.values() if ending is not None]:
            await asyncio.wait(endings)

    async def _look(self) -> None:
        for browser in (*self._serving, *self._leaving):
            self.lost(browser)
        while not self._stopping.told and _now() >= self._not_before and (move := self._next()):
            due = None if move.retire is None else self._serving[move.retire]
            try:
                await self._make(move.reason or "wanted")
            except BrowserStartFailed as error:
                self._put_off(error)
            else:
                if due is not None and move.reason is not None:
                    self.retire(due, move.reason)

    def _next(self) -> Move | None:
        return next_move(
            [browser.condition for browser in self._serving],
            leaving=len(self._leaving),
            wanted=self._settings.browsers,
            bounds=self._settings.bounds(),
            now=_now(),
        )

    async def _make(self, reason: str) -> None:
        browser = await self._launch()
        self._pauses.begin_anew()
        self._metrics.launches.labels(reason).inc()
        _log.info("browser.started", reason=reason)
        async with self._changed:
            self._serving.append(browser)
            self._changed.notify_all()
        self._count()

    def _put_off(self, error: BrowserStartFailed) -> None:
        pause = self._pauses.next()
        _log.error("browser.start_failed", error=str(error), again_in=pause)
        self._not_before = _now() + pause

    def _is_ours(self, browser: PooledBrowser) -> bool:
        """Whether nobody has begun to end it."""
        return browser in self._serving or self._leaving.get(browser, self) is None

    def _lose(self, browser: PooledBrowser, level: Level) -> None:
        """It died. Its jobs find out by themselves."""
        if browser in self._serving:
            self._leave(browser)
        self._metrics.crashes.labels(level).inc()
        _log.warning("browser.lost", level=level, uses=browser.uses, jobs=browser.busy)
        self._end(browser)

    def _leave(self, browser: PooledBrowser) -> None:
        self._serving.remove(browser)
        self._leaving[browser] = None
        self._kick.set()

    def _end(self, browser: PooledBrowser) -> None:
        if self._leaving[browser] is None:
            self._leaving[browser] = asyncio.create_task(self._close(browser))

    async def _close(self, browser: PooledBrowser) -> None:
        try:
            await browser.close(self._settings.close_seconds)
        finally:
            del self._leaving[browser]
            self._count()
            self._kick.set()

    async def _weigh(self) -> None:
        for browser in self.serving:
            await browser.weigh()
        self._count()

    def _count(self) -> None:
        browsers = (*self._serving, *self._leaving)
        self._metrics.browsers.set(len(browsers))
        self._metrics.pss.set(sum(browser.pss_bytes for browser in browsers))


def _now() -> float:
    return asyncio.get_running_loop().time()
