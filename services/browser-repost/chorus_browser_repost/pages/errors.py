"""The one place where Playwright's errors become ours.

Their messages hold addresses with queries and pieces of pages, so none of their text goes on, and
no error of ours keeps one of theirs as its cause or context: each is raised after its `except`.
"""

import asyncio
from collections.abc import Awaitable
from enum import StrEnum
from typing import Final, Generic, TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus.errors import IndeterminateWrite, ProviderError, TransientProviderError
from chorus.vocabulary import ErrorType

T = TypeVar("T")


class Failure(StrEnum):
    """Why a call to the browser failed; also the code of the error."""

    LATE = "page_timeout"
    AMBIGUOUS = "ambiguous_element"
    MOVED = "page_moved"
    UNREACHABLE = "page_unreachable"
    LOST = "browser_lost"

    def without_effect(self, doing: str) -> ProviderError:
        return TransientProviderError(
            f"{doing} {_SENTENCES[self]}.", error_type=ErrorType.NETWORK_ERROR, code=self.value
        )

    def after_the_click(self, doing: str) -> IndeterminateWrite:
        return IndeterminateWrite(f"{doing} {_SENTENCES[self]}.", code=self.value)


_SENTENCES: Final = {
    Failure.LATE: "did not end in time",
    Failure.AMBIGUOUS: "found more than one element to choose from",
    Failure.MOVED: "was interrupted: the page went elsewhere",
    Failure.UNREACHABLE: "failed: LinkedIn could not be reached",
    Failure.LOST: "broke off: the page, the browser or its driver is gone",
}
_BY_WORDS: Final = (
    ("strict mode violation", Failure.AMBIGUOUS),
    ("context was destroyed", Failure.MOVED),
    ("because of a navigation", Failure.MOVED),
    ("interrupted by another navigation", Failure.MOVED),
    ("navigated or closed", Failure.MOVED),
    ("Cannot find context", Failure.MOVED),
    ("detached", Failure.MOVED),
    ("net::ERR_", Failure.UNREACHABLE),
)


class PageMoved(Exception):
    """The page went elsewhere while it was read: read again."""


def milliseconds_until(deadline: float) -> float:
    """What is left for a call of Playwright, whose 0 would mean for ever."""
    return max(1.0, (deadline - asyncio.get_running_loop().time()) * 1000)


async def effectless(call: Awaitable[T], *, doing: str, deadline: float) -> T:
    """Await a call before the irreversible click. Raises ProviderErrors that mean: no effect."""
    ended = await attempt(call, deadline)
    if isinstance(ended, Result):
        return ended.value
    raise ended.without_effect(doing)


async def reading(call: Awaitable[T], *, doing: str, deadline: float) -> T:
    """As `effectless`, and PageMoved when the page went elsewhere meanwhile."""
    ended = await attempt(call, deadline)
    if isinstance(ended, Result):
        return ended.value
    if ended is Failure.MOVED:
        raise PageMoved
    raise ended.without_effect(doing)


async def irreversible(call: Awaitable[T], *, doing: str, deadline: float) -> T:
    """Await a call from that click on. Raises IndeterminateWrite for whatever goes wrong."""
    ended = await attempt(call, deadline)
    if isinstance(ended, Result):
        return ended.value
    raise ended.after_the_click(doing)


class Result(Generic[T]):
    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value


async def attempt(call: Awaitable[T], deadline: float) -> Result[T] | Failure:
    """Await a call until then: its result, or why there is none."""
    try:
        async with asyncio.timeout_at(deadline):
            return Result(await call)
    except (PlaywrightTimeoutError, TimeoutError):
        return Failure.LATE
    except PlaywrightError as error:
        return _failure(error.message)
    except Exception:  # noqa: BLE001 - a driver that dies shows as a bare Exception, or a pipe's
        return Failure.LOST


def _failure(message: str) -> Failure:
    return next((found for words, found in _BY_WORDS if words in message), Failure.LOST)
