"""Slots: their number, the order of those who wait, and what a job is told that breaks off."""

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
from chorus_browser_repost.pool.job_slots import JobSlots
from chorus_browser_repost.pool.playwright_errors import translated


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


async def until_waiting(slots: JobSlots, count: int) -> None:
    while slots.waiting != count:  # noqa: ASYNC110 - a turn of the loop each
        await asyncio.sleep(0)


async def test_who_came_first_goes_first() -> None:
    """P4: nobody is overtaken, also not by one who comes in the moment of a change."""
    slots = JobSlots(1)
    order: list[int] = []

    async def job(number: int) -> None:
        await slots.take(soon())
        order.append(number)
        slots.give()

    await slots.take(soon())
    jobs = []
    for number in range(4):
        jobs.append(asyncio.create_task(job(number)))
        await until_waiting(slots, number + 1)
    slots.give()
    late = asyncio.create_task(job(4))
    await asyncio.gather(*jobs, late)

    assert order == [0, 1, 2, 3, 4]
    assert slots.busy == 0
    await slots.empty()


async def test_a_wait_that_ends_takes_no_place() -> None:
    """At the deadline, when cancelled, and in the moment in which the place comes."""
    slots = JobSlots(1)
    await slots.take(soon())
    with pytest.raises(BrowserUnavailable):
        await slots.take(asyncio.get_running_loop().time())
    waiting = asyncio.create_task(slots.take(soon()))
    await until_waiting(slots, 1)
    slots.give()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (slots.busy, slots.waiting) == (0, 0)


async def test_a_closed_door() -> None:
    """Those in line and those who come are told."""
    slots = JobSlots(1)
    await slots.take(soon())
    waiting = asyncio.create_task(slots.take(soon()))
    await until_waiting(slots, 1)
    slots.close()
    with pytest.raises(PoolStopping):
        await waiting
    with pytest.raises(PoolStopping):
        await slots.take(soon())
    slots.give()
    await slots.empty()


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
