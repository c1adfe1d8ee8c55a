"""Has a page come to rest? Only then is what it does not show a changed layout, and not a late one.

Told by the page, not by a clock: its document is whole, its calls are answered, nothing on it says
that more is to come, and it had the time to run.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.async_api import Page, Request

from chorus.errors import ProviderError
from chorus_browser_repost.domain.page_states import PageState, error_of
from chorus_browser_repost.pages import scripts
from chorus_browser_repost.pages.errors import Failure, attempt
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.single_write import TRACKERS

T = TypeVar("T")

_BUILDING: Final = frozenset({"document", "script", "stylesheet", "xhr", "fetch"})
_REST_SECONDS: Final = 0.75
"""What an answered call still gives the page to do is done by then."""
_LEAST_SECONDS: Final = 1.0
"""With less time than this nothing is read once more."""


class Calls:
    """What a page has asked for and got no answer to yet, trackers and open lines apart."""

    def __init__(self, page: Page) -> None:
        self._open: set[Request] = set()
        self._changed = _now()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def forget(self) -> None:
        """The page goes elsewhere: what it had asked for is nobody's any more."""
        self._open.clear()
        self._changed = _now()

    @property
    def at_rest(self) -> bool:
        return not self._open and _now() - self._changed >= _REST_SECONDS

    def _began(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if request.resource_type in _BUILDING and not path.startswith(TRACKERS):
            self._open.add(request)
            self._changed = _now()

    def _ended(self, request: Request) -> None:
        if request in self._open:
            self._open.remove(request)
            self._changed = _now()


_known: WeakKeyDictionary[Page, Calls] = WeakKeyDictionary()


def calls_of(page: Page) -> Calls:
    """Those of a page, from when they are first asked for."""
    if page not in _known:
        _known[page] = Calls(page)
    return _known[page]


async def read_at_rest(
    page: Page,
    name: str,
    *,
    doing: str,
    deadline: float,
    unclear: Callable[[Read], bool],
    patience: float,
    **arg: object,
) -> Read:
    """What a script says of a page, asked again until it is clear or the page is at rest.

    `settled` in it says whether the page is. Raises ProviderErrors that mean: no effect.
    """
    while True:
        read = await scripts.run(
            page, name, doing=doing, deadline=deadline, patience=patience, **arg
        )
        read["settled"] = _settled(page, read)
        if read["settled"] or not unclear(read) or deadline - _now() < _LEAST_SECONDS:
            return read


async def what_is_missing(page: Page, *, doing: str, deadline: float) -> ProviderError:
    """The error for something that a page does not show: it is slow, or its layout has changed."""
    read = await scripts.run(page, "settled", doing=doing, deadline=deadline, patience=0.5)
    return error_of(PageState.LAYOUT_CHANGED if _settled(page, read) else PageState.SLOW)


async def choosing(call: Awaitable[T], *, page: Page, doing: str, deadline: float) -> T:
    """As `effectless`, of a call that wants one certain element.

    An element that comes more than once, or does not come to a page at rest, is a changed layout.
    """
    ended = await attempt(call, deadline)
    if not isinstance(ended, Failure):
        return ended.value
    if ended is Failure.AMBIGUOUS:
        raise error_of(PageState.LAYOUT_CHANGED)
    if ended is Failure.LATE:
        raise await what_is_missing(page, doing=doing, deadline=deadline)
    raise ended.without_effect(doing)


def _settled(page: Page, read: Read) -> bool:
    whole = read["complete"] and not (read["slow"] or read["unfinished"])
    return whole and calls_of(page).at_rest


def _now() -> float:
    return asyncio.get_running_loop().time()
