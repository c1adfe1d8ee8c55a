"""Playwright's errors become ours, without a word of theirs."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus.errors import (
    IndeterminateWrite,
    ProviderError,
    TransientProviderError,
)
from chorus_browser_repost.pages.errors import (
    PageMoved,
    effectless,
    irreversible,
    milliseconds_until,
    reading,
)

SECRET = "http://x.test/checkpoint?ct=ajax:4711"
Wrapper = Callable[..., Awaitable[None]]
STRICT = PlaywrightError(f"strict mode violation at {SECRET}")
LATE = PlaywrightTimeoutError(f"Timeout 5ms exceeded. navigating to {SECRET}")
AWAY = PlaywrightError(f"net::ERR_CONNECTION_REFUSED at {SECRET}")
MOVED = PlaywrightError(f"Execution context was destroyed, because of a navigation to {SECRET}")
DRIVER = Exception("Connection closed while reading from the driver")


async def fails(error: Exception) -> None:
    raise error


async def caught_from(wrapper: Wrapper, error: Exception) -> ProviderError:
    deadline = asyncio.get_running_loop().time() + 5
    with pytest.raises(ProviderError) as caught:
        await wrapper(fails(error), doing="Opening the post", deadline=deadline)
    return caught.value


@pytest.mark.parametrize("wrapper", [effectless, reading, irreversible])
@pytest.mark.parametrize("error", [STRICT, LATE, AWAY, DRIVER, BrokenPipeError(SECRET)])
async def test_nothing_of_theirs_goes_on(wrapper: Wrapper, error: Exception) -> None:
    """INVARIANT: no text, cause or context of a browser's error is kept (P6)."""
    found = await caught_from(wrapper, error)
    assert found.__cause__ is None
    assert found.__context__ is None
    assert "ajax" not in "".join(traceback.format_exception(found)) + repr(found)


@pytest.mark.parametrize("error", [STRICT, LATE, AWAY, MOVED, DRIVER, OSError(), TimeoutError()])
async def test_after_the_click_everything_is_open(error: Exception) -> None:
    """INVARIANT: from the irreversible click on, whatever goes wrong may have happened (E5)."""
    assert isinstance(await caught_from(irreversible, error), IndeterminateWrite)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LATE, "page_timeout"),
        (AWAY, "page_unreachable"),
        (MOVED, "page_moved"),
        (DRIVER, "browser_lost"),
        (PlaywrightError("Target page, context or browser has been closed"), "browser_lost"),
    ],
)
async def test_before_it_nothing_has_happened(error: Exception, code: str) -> None:
    """E6: tried again."""
    found = await caught_from(effectless, error)
    assert isinstance(found, TransientProviderError)
    assert found.code == code


async def test_a_page_that_went_elsewhere_is_read_again() -> None:
    """P5."""
    with pytest.raises(PageMoved):
        await reading(fails(MOVED), doing="x", deadline=asyncio.get_running_loop().time() + 5)


async def test_a_call_that_never_ends_ends_with_the_deadline() -> None:
    """P5: the deadline covers everything."""
    now = asyncio.get_running_loop().time()
    with pytest.raises(TransientProviderError):
        await effectless(asyncio.Event().wait(), doing="x", deadline=now)
    assert milliseconds_until(now - 5) == 1.0
