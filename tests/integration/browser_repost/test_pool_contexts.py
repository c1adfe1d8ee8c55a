"""A context of the pool: what it is made of, how many there are, and that nothing of it stays."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest

from chorus_browser_repost.pool import (
    BrowserCallFailed,
    BrowserDeadline,
    BrowserUnavailable,
    ContextOptions,
)
from chorus_browser_repost.pool.context import EphemeralContext
from tests.integration.browser_repost.pool_harness import (
    Harness,
    Site,
    a_pool,
    of_a_member,
    until,
)

PLAIN = ContextOptions()


@pytest.fixture
async def harness() -> AsyncIterator[Harness]:
    async with a_pool(slots=2) as running:
        yield running


async def test_a_context_is_the_sessions_and_does_not_hide(site: Site, harness: Harness) -> None:
    """INVARIANT P5: the session's cookies and user agent, and no evasion: webdriver is true."""
    async with harness.pool.context(of_a_member(site), deadline=harness.soon) as opened:
        page = opened.page
        await page.goto(site.address)
        assert await page.evaluate("navigator.webdriver") is True
        assert await page.evaluate("navigator.language") == "en-US"
        assert await page.evaluate("'serviceWorker' in navigator") is True

    headers = site.requests[0].headers
    assert (headers["user-agent"], headers["x-extra"]) == ("Agent/1.0", "yes")
    assert (headers["cookie"], headers["accept-language"]) == ("li_at=v", "en-US")


async def test_nothing_of_a_job_is_in_the_next_one(site: Site, harness: Harness) -> None:
    """INVARIANT P6: a context is ephemeral; the next job in the same browser finds nothing."""
    for _ in range(2):
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            assert await opened.context.cookies() == []
            page = opened.page
            await page.goto(site.address)
            assert "left=behind" in await page.evaluate("document.cookie")
    assert harness.only.uses == 2
    assert ["cookie" in r.headers for r in site.requests if r.path == "/"] == [False, False]


async def test_pictures_fonts_media_and_trackers_are_not_loaded(
    site: Site, harness: Harness
) -> None:
    """What a repost does not need does not leave the browser."""
    async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
        await opened.page.goto(site.address, wait_until="load")
        await until(lambda: "/ready" in site.paths, "the page has run its script")
    assert set(site.paths) - {"/favicon.ico"} == {"/", "/ready"}


async def test_a_page_reaches_only_the_hosts_it_may(site: Site, harness: Harness) -> None:
    """Another name does not resolve, so that a session is sent nowhere else."""
    with pytest.raises(BrowserCallFailed):
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            await opened.page.goto(f"http://localhost:{site.port}/")
    assert site.paths == []


async def test_no_more_jobs_at_once_than_places(site: Site, harness: Harness) -> None:
    """P4: M at once; the others wait their turn and then get one."""
    inside, go_on = 0, asyncio.Event()

    async def job() -> None:
        nonlocal inside
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            await opened.page.goto(site.address)
            inside += 1
            await go_on.wait()

    jobs = [asyncio.create_task(job()) for _ in range(6)]
    await until(lambda: inside == 2, "two jobs are in their places")
    assert (harness.counted("busy_contexts"), harness.counted("waiting_jobs")) == (2, 4)
    go_on.set()
    await asyncio.gather(*jobs)

    assert (harness.counted("run_seconds_count"), harness.counted("busy_contexts")) == (6, 0)
    assert harness.counted("slots_contexts") == 2


async def test_the_wait_for_a_place_counts_against_the_deadline(harness: Harness) -> None:
    """P5: the deadline covers the wait; who gave up in line takes no place with him."""
    async with (
        harness.pool.context(PLAIN, deadline=harness.soon),
        harness.pool.context(PLAIN, deadline=harness.soon),
    ):
        with pytest.raises(BrowserUnavailable):
            async with harness.pool.context(PLAIN, deadline=harness.within(0.1)):
                raise AssertionError
        assert harness.counted("busy_contexts") == 2
    async with harness.pool.context(PLAIN, deadline=harness.soon):
        assert harness.counted("busy_contexts") == 1


async def test_the_deadline_ends_the_job(site: Site, harness: Harness) -> None:
    """P5: a job that is late is told so, and its context is gone."""
    seen: list[EphemeralContext] = []
    with pytest.raises(BrowserDeadline):
        await visit(harness, f"{site.address}/stuck", harness.within(1.0), seen)
    assert seen[0].context.pages == []
    assert harness.counted("busy_contexts") == 0


async def test_a_cancelled_job_leaves_no_context(site: Site, harness: Harness) -> None:
    """P6: also a job that is cancelled closes what it has opened."""
    seen: list[EphemeralContext] = []
    address = f"{site.address}/stuck"
    running = asyncio.create_task(visit(harness, address, harness.soon, seen))
    await until(lambda: "/stuck" in site.paths, "the job is under way")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert seen[0].context.pages == []
    assert harness.counted("busy_contexts") == 0


async def test_playwrights_words_do_not_get_out(harness: Harness) -> None:
    """INVARIANT P6: its messages hold addresses and values; none of that is in what is raised."""
    seen: list[EphemeralContext] = []
    secret = f"{0xC0FFEE:x}"  # a traceback shows lines of this file, and this is none of them
    with pytest.raises(BrowserCallFailed) as caught:
        await visit(harness, f"http://127.0.0.1:1/?ct={secret}", harness.soon, seen)
    refusal = ContextOptions(cookies=[{"name": "li_at", "value": secret, "url": "nowhere"}])
    with pytest.raises(BrowserCallFailed) as refused:
        await harness.pool.context(refusal, deadline=harness.soon).__aenter__()
    for error in (caught.value, refused.value):
        assert secret not in "".join(traceback.format_exception(error))
    assert secret not in repr(refusal)


async def visit(
    harness: Harness, address: str, deadline: float, seen: list[EphemeralContext]
) -> None:
    async with harness.pool.context(PLAIN, deadline=deadline) as opened:
        seen.append(opened)
        await opened.page.goto(address)
