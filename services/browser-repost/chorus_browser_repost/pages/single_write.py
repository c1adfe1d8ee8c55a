"""The request that a click makes: called off in the page, and kept.

Before a byte of it is sent the page's own request is stopped in the browser. Only then, and from
elsewhere, the same request goes out (see `fresh_connection`). In this order each way in which page,
browser or driver may die leaves at most one request: a request that is merely held would be let go
by Chromium when whoever holds it dies.

The page itself is told that its request failed, so what it shows of it (a toast) means nothing.
"""

import asyncio
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from playwright.async_api import Page, Request, Route

from chorus.errors import PermanentProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.pages.wording import as_typed

_CALLS: Final = frozenset({"fetch", "xhr"})
TRACKERS: Final = ("/li/track", "/sensorCollect", "/realtime/")

_log = structlog.get_logger()


def require_text(request: Request, text: str) -> None:
    """Raise PermanentProviderError unless the request says this text, line breaks and all."""
    if not text:
        return
    try:
        said = _texts_in(orjson.loads(request.post_data_buffer or b""))
    except orjson.JSONDecodeError:
        said = iter(())
    wanted = as_typed(text)
    if not any(as_typed(each) == wanted for each in said):
        raise PermanentProviderError(
            "LinkedIn's page has made another text of it, so it was not sent.",
            error_type=ErrorType.API_ERROR,
            code="text_changed",
        )


def _texts_in(body: object) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _texts_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from _texts_in(value)


class SingleWrite:
    """From `begin` to the end of the page its first call with POST is called off and kept, and
    every further one is called off.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._host = urlsplit(page.url).netloc
        self._caught: asyncio.Future[Request] = asyncio.get_running_loop().create_future()
        self._taken = False

    async def begin(self) -> None:
        """To be awaited before the click, once. Raises Playwright's errors."""
        await self._page.route("**/*", self._handle)

    async def caught(self, until: float) -> Request | None:
        """The request, which was not sent; None when by then (the loop's clock) none has come."""
        try:
            async with asyncio.timeout_at(until):
                return await self._caught
        except TimeoutError:
            _log.info("write.unanswered", reason="late" if self._taken else "no_request")
            return None

    async def _handle(self, route: Route) -> None:
        request = route.request
        try:
            if not self._concerns(request):
                await route.fallback()
                return
            first, self._taken = not self._taken, True
            await route.abort("failed")
        except Exception as error:  # noqa: BLE001 - see errors.py; nothing was sent
            _log.info("write.not_called_off", error_class=type(error).__name__)
        else:
            if first and not self._caught.done():
                self._caught.set_result(request)

    def _concerns(self, request: Request) -> bool:
        address = urlsplit(request.url)
        ours = request.method == "POST" and address.netloc == self._host
        return ours and request.resource_type in _CALLS and not address.path.startswith(TRACKERS)
