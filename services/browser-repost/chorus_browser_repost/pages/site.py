"""Where LinkedIn is, and how one of its pages is opened."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from playwright.async_api import Page

from chorus.errors import TransientProviderError
from chorus.retry_after import retry_after
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.errors import effectless, milliseconds_until
from chorus_browser_repost.pages.settling import calls_of

BLANK: Final = "about:blank"
_LEAVING_SECONDS: Final = 1.0
_SILENCE: Final = """() => {
  window.fetch = () => new Promise(() => {});
  XMLHttpRequest.prototype.send = () => {};
  navigator.sendBeacon = () => true;
  window.stop();
}"""

_log = structlog.get_logger()

OWN_ACTIVITY: Final = "/in/me/recent-activity/all/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`base_url` is scheme, host and port. The others are seconds.

    `patience`: how long a page may take to build what it must hold before its layout counts as
    changed; `settling`: how long a control must stay away before it counts as not offered;
    `answer`: how long the site may take to say what became of the click.
    """

    base_url: str = "https://www.linkedin.com"
    patience: float = 8.0
    settling: float = 0.6
    answer: float = 10.0

    def address(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where a page ended, and the answer that it ended with."""

    path: str
    status: int | None
    retry_after: float | None = None

    def status_at(self, path: str) -> int | None:
        """The status, unless the page has gone elsewhere by itself since."""
        return self.status if path == self.path else None


async def arrive(page: Page, url: str, *, doing: str, deadline: float) -> Arrival:
    """Open an address and return with its answer's head; the page is still being built.

    Raises ProviderErrors that mean: no effect.
    """
    await leave(page)
    calls_of(page).forget()
    left = milliseconds_until(deadline)
    answer = await effectless(
        page.goto(url, wait_until="commit", timeout=left), doing=doing, deadline=deadline
    )
    if answer is None:
        return Arrival(path=path_of(page.url), status=None)
    return Arrival(
        path=path_of(answer.url),
        status=answer.status,
        retry_after=retry_after(answer.headers.get("retry-after")),
    )


async def leave(page: Page) -> None:
    """To be awaited before a page is left or closed: from then on its scripts ask for nothing.

    Chromium takes a context's user agent off a document before the document is gone: what it asks
    for in between shows the browser's own one (Chromium 156, pages that ask all the time: in 8 of
    12 closed contexts). A site that ties sessions to their user agent ends the session for it.
    Never raises: a page that is lost asks for nothing.
    """
    if page.url == BLANK or page.is_closed():
        return
    deadline = asyncio.get_running_loop().time() + _LEAVING_SECONDS
    try:
        await effectless(page.evaluate(_SILENCE), doing="Leaving a page", deadline=deadline)
    except TransientProviderError as error:
        _log.info("page.not_left", code=error.code)


async def blank(page: Page, *, deadline: float) -> None:
    """Let a page show nothing, which asks nothing of the site. Raises ProviderErrors: no effect."""
    left = milliseconds_until(deadline)
    await effectless(page.goto(BLANK, timeout=left), doing="Leaving a page", deadline=deadline)
