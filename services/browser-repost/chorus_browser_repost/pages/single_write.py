"""The request that a click makes: sent once, whatever page, browser or network do about it."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import orjson
import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Route

from chorus_browser_repost.domain.page_states import PageState, of_path
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.errors import effectless
from chorus_browser_repost.pages.fresh_connection import Delivered, FreshConnection

_CALLS: Final = frozenset({"fetch", "xhr"})
_TRACKERS: Final = ("/li/track", "/sensorCollect", "/realtime/")
_CLOSE_SECONDS: Final = 2.0

_log = structlog.get_logger()


class SingleWrite:
    """From `begin` on, a call of the page with POST goes out at most once for each path, and on a
    connection of its own. Entering prepares that connection in the background.

    The answer to the first of them is what `status`, `refused` and so on tell of.
    """

    def __init__(self, page: Page, *, deadline: float) -> None:
        self._page = page
        self._deadline = deadline
        self._host = urlsplit(page.url).netloc
        self._prepared: asyncio.Task[FreshConnection] | None = None
        self._opened: list[FreshConnection] = []
        self._paths: set[str] = set()
        self._answer: Delivered | None = None
        self.ended_at: float | None = None
        """When the answer was there, or the call had broken off, by the loop's clock."""

    @property
    def status(self) -> int | None:
        return None if self._answer is None else self._answer.status

    @property
    def retry_after(self) -> float | None:
        text = "" if self._answer is None else self._answer.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdigit() else None

    @property
    def refused(self) -> bool:
        """Whether the answer is a list of errors: a refusal comes with status 200."""
        if self._answer is None or self._answer.status != 200:
            return False
        try:
            body: Any = orjson.loads(self._answer.body)
        except orjson.JSONDecodeError:
            return False
        return isinstance(body, dict) and bool(body.get("errors"))

    @property
    def wall(self) -> PageState | None:
        """The challenge or sign-in that the call was redirected to."""
        return None if self._answer is None else of_path(path_of(self._answer.url))

    async def begin(self) -> None:
        """To be awaited before the click. Raises ProviderErrors that mean: no effect."""
        if self._prepared is None:
            raise RuntimeError("It has not been entered.")
        doing = "Preparing the click"
        await effectless(asyncio.shield(self._prepared), doing=doing, deadline=self._deadline)
        await effectless(
            self._page.route("**/*", self._handle), doing=doing, deadline=self._deadline
        )

    async def __aenter__(self) -> Self:
        self._prepared = asyncio.create_task(self._prepare())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._prepared is not None:
            self._prepared.cancel()
            await asyncio.gather(self._prepared, return_exceptions=True)
        closings = [self._page.unroute_all(behavior="ignoreErrors")]
        closings += [connection.aclose() for connection in self._opened]
        await asyncio.gather(*map(_bounded, closings))

    async def _prepare(self) -> FreshConnection:
        connection = await FreshConnection.prepared(self._page)
        self._opened.append(connection)
        return connection
