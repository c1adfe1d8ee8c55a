"""The request that a click makes: sent once, whatever page, browser or network do about it.

The page's own request is stopped in the browser and called off before anything is sent. Only then
the same request goes out on a fresh connection (see `fresh_connection`). In this order each way in
which page, browser or driver may die leaves at most one request: a request that is merely held
would be let go by Chromium when whoever holds it dies.

The page itself is told that its request failed, so what it shows of it (a toast) means nothing.
"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import structlog
from playwright.async_api import Page, Request, Route

from chorus_browser_repost.pages.errors import effectless
from chorus_browser_repost.pages.fresh_connection import Delivered, FreshConnection
from chorus_browser_repost.pages.site import leave

_CALLS: Final = frozenset({"fetch", "xhr"})
_TRACKERS: Final = ("/li/track", "/sensorCollect", "/realtime/")
_CLOSE_SECONDS: Final = 2.0
_PREPARING: Final = "Preparing the click"

_log = structlog.get_logger()


class SingleWrite:
    """From `begin` on, the first call of the page with POST is taken over and all others are
    stopped. Leaving closes the connection and silences the page.

    `places` bounds how many connections there are at once: each is a renderer of its own.
    """

    def __init__(self, page: Page, *, places: asyncio.Semaphore, deadline: float) -> None:
        self._page = page
        self._places = places
        self._deadline = deadline
        self._host = urlsplit(page.url).netloc
        self._prepared: asyncio.Task[FreshConnection] | None = None
        self._taken = False
        self._ended = asyncio.Event()
        self._delivered: Delivered | None = None
        self._routed = False
        self._handler = self._handle

    async def begin(self) -> None:
        """To be awaited before the click, once. Raises ProviderErrors that mean: no effect."""
        await effectless(self._places.acquire(), doing=_PREPARING, deadline=self._deadline)
        self._prepared = asyncio.create_task(FreshConnection.prepared(self._page))
        ready = asyncio.shield(self._prepared)
        await effectless(ready, doing=_PREPARING, deadline=self._deadline)
        self._routed = True
        routing = self._page.route("**/*", self._handler)
        await effectless(routing, doing=_PREPARING, deadline=self._deadline)

    async def answered(self, until: float) -> Delivered | None:
        """The answer; None when none came, or by then (the loop's clock) none has."""
        try:
            async with asyncio.timeout_at(until):
                await self._ended.wait()
        except TimeoutError:
            _log.info("write.unanswered", reason="late" if self._taken else "no_request")
        return self._delivered

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._prepared is not None:
            try:
                await _bounded(self._closed(self._prepared))
            finally:
                self._places.release()
        if self._routed:
            await _bounded(self._free())

    async def _closed(self, prepared: asyncio.Task[FreshConnection]) -> None:
        # Not cancelled: a context that is being made would be left behind.
        await (await asyncio.shield(prepared)).aclose()

    async def _free(self) -> None:
        # A script that asks again must not find the way free: it is silenced first.
        await leave(self._page)
        await self._page.unroute("**/*", self._handler)

    async def _handle(self, route: Route) -> None:
        request = route.request
        try:
            if not self._concerns(request):
                await route.fallback()
                return
            first, self._taken = not self._taken, True
            await route.abort("failed")
            if first:
                self._delivered = await self._deliver(request)
        except Exception as error:  # noqa: BLE001 - see errors.py; whatever it is, no answer came
            _log.info("write.unanswered", reason=type(error).__name__)
        finally:
            if self._taken:
                self._ended.set()

    def _concerns(self, request: Request) -> bool:
        address = urlsplit(request.url)
        ours = request.method == "POST" and address.netloc == self._host
        return ours and request.resource_type in _CALLS and not address.path.startswith(_TRACKERS)

    async def _deliver(self, request: Request) -> Delivered | None:
        if self._prepared is None:
            return None
        return await (await self._prepared).send(request)


async def _bounded(closing: Awaitable[None]) -> None:
    """What does not close in time goes with the job's context or its browser."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await closing
    except Exception as error:  # noqa: BLE001 - see errors.py; the outcome must not be lost to it
        _log.info("write.not_closed", error_class=type(error).__name__)
