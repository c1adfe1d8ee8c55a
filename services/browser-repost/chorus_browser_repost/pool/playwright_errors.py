"""What a job that breaks off is told, without a word of Playwright's."""

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus.errors import ChorusError
from chorus_browser_repost.pool.errors import (
    BrowserCallFailed,
    BrowserDeadline,
    BrowserError,
    BrowserLost,
    Level,
)

_CLOSED = "TargetClosedError"
_CRASHED = "crashed"


def translated(error: Exception, lost: Level | None) -> BrowserError | None:
    """The error to raise instead; None: that error may go on as it is.

    A driver that dies shows as a bare Exception or as a broken pipe, so that once something is
    known to be lost every error that is not our own counts as its consequence.
    """
    if isinstance(error, ChorusError):
        return None
    if lost is not None:
        return BrowserLost(lost)
    if isinstance(error, PlaywrightTimeoutError):
        return BrowserCallFailed("TimeoutError")
    if isinstance(error, PlaywrightError):
        return _of_playwright(error)
    return BrowserDeadline() if isinstance(error, TimeoutError) else None


def _of_playwright(error: PlaywrightError) -> BrowserError:
    if _CRASHED in error.message or error.name == _CLOSED:
        return BrowserLost(Level.PAGE)
    return BrowserCallFailed(error.name or "Error")
