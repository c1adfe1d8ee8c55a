"""Places: their number, the order of those who wait, and what a job is told that breaks off."""

import asyncio

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from chorus.errors import ChallengeError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.pool import (
    BrowserCallFailed,
    BrowserDeadline,
    BrowserLost,
    BrowserUnavailable,
    Level,
    PoolStopping,
)
from chorus_browser_repost.pool.places import Places
from chorus_browser_repost.pool.translation import translated


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


async def until_waiting(places: Places, count: int) -> None:
    while places.waiting != count:  # noqa: ASYNC110 - a turn of the loop each
        await asyncio.sleep(0)


async def test_who_came_first_goes_first() -> None:
    """P4: nobody is overtaken, also not by one who comes in the moment of a change."""
    places = Places(1)
    order: list[int] = []

    async def job(number: int) -> None:
        await places.take(soon())
        order.append(number)
        places.give()

    await places.take(soon())
    jobs = []
    for number in range(4):
        jobs.append(asyncio.create_task(job(number)))
        await until_waiting(places, number + 1)
    places.give()
    late = asyncio.create_task(job(4))
    await asyncio.gather(*jobs, late)

    assert order == [0, 1, 2, 3, 4]
    assert places.busy == 0
    await places.empty()


async def test_a_wait_that_ends_takes_no_place() -> None:
    """At the deadline, when cancelled, and in the moment in which the place comes."""
    places = Places(1)
    await places.take(soon())
    with pytest.raises(BrowserUnavailable):
        await places.take(asyncio.get_running_loop().time())
    waiting = asyncio.create_task(places.take(soon()))
    await until_waiting(places, 1)
    places.give()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (places.busy, places.waiting) == (0, 0)


async def test_a_closed_door() -> None:
    """Those in line and those who come are told."""
    places = Places(1)
    await places.take(soon())
    waiting = asyncio.create_task(places.take(soon()))
    await until_waiting(places, 1)
    places.close()
    with pytest.raises(PoolStopping):
        await waiting
    with pytest.raises(PoolStopping):
        await places.take(soon())
    places.give()
    await places.empty()


@pytest.mark.parametrize(
    ("error", "lost", "expected"),
    [
        (PlaywrightError("net::ERR at http://x/?ct=1"), None, BrowserCallFailed),
        (PlaywrightTimeoutError("Timeout at http://x/?ct=1"), None, BrowserCallFailed),
        (PlaywrightError("Target crashed"), None, BrowserLost),
        (PlaywrightError("any"), Level.BROWSER, BrowserLost),
        (Exception("Connection closed"), Level.DRIVER, BrowserLost),
        (TimeoutError(), None, BrowserDeadline),
        (TimeoutError(), Level.PAGE, BrowserLost),
    ],
)
def test_what_a_job_is_told(
    error: Exception, lost: Level | None, expected: type[Exception]
) -> None:
    """INVARIANT P6: a class of ours and a fixed sentence."""
    told = translated(error, lost)
    assert type(told) is expected
    assert "http" not in str(told)


def test_errors_of_ours_and_of_others_pass() -> None:
    """What the pages have translated already is left as it is, also when the browser died."""
    ours = ChallengeError("Checkpoint.", error_type=ErrorType.AUTH_ERROR)
    assert translated(ours, Level.BROWSER) is None
    assert translated(ValueError("a mistake"), None) is None
