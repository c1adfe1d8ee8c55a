"""What a job is told when something under it dies, and how the pool heals."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chorus.errors import ConfigurationError
from chorus_browser_repost.pool import (
    BrowserLost,
    BrowserPool,
    BrowserPoolSettings,
    BrowserStartFailed,
    BrowserUnavailable,
    ContextOptions,
    Level,
    chromium,
    processes,
)
from chorus_browser_repost.pool.browser import PooledBrowser
from tests.integration.browser_repost.pool_harness import (
    Harness,
    Site,
    a_pool,
    chromium_of,
    contents,
    driver_of,
    environment_of,
    kill,
    renderers,
    until,
)

PLAIN = ContextOptions()


async def stuck(harness: Harness, site: Site) -> None:
    """A job that ends only with what it runs in."""
    async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
        await opened.page.goto(site.address)
        await opened.page.goto(f"{site.address}/stuck")


async def serves(harness: Harness, site: Site) -> None:
    async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
        await opened.page.goto(site.address)


def kill_page(browser: PooledBrowser) -> None:
    for pid in renderers(browser):
        kill(pid)


def kill_browser(browser: PooledBrowser) -> None:
    kill(chromium_of(browser))


def kill_driver(browser: PooledBrowser) -> None:
    kill(driver_of(browser))


@pytest.mark.parametrize(
    ("killing", "level"),
    [
        (kill_page, Level.PAGE),
        (kill_browser, Level.BROWSER),
        (kill_driver, Level.DRIVER),
    ],
)
async def test_a_death_is_told_and_healed(
    site: Site, killing: Callable[[PooledBrowser], None], level: Level
) -> None:
    """INVARIANT: whatever dies, its job gets BrowserLost at once, and the next job is served."""
    async with a_pool() as harness:
        job = asyncio.create_task(stuck(harness, site))
        await until(lambda: "/stuck" in site.paths, "the job is under way")
        killing(harness.only)
        with pytest.raises(BrowserLost) as caught:
            await job
        assert caught.value.level is level
        assert site.address not in str(caught.value)
        await serves(harness, site)
        assert harness.counted("crashes_total", level=level) == 1
        await until(lambda: len(harness.pool.browsers) == 1, "the dead browser is gone")


async def test_the_death_of_one_browser_leaves_the_others_jobs_alone(site: Site) -> None:
    """P10: a job in another browser goes on, and the number of browsers is made up again."""
    async with a_pool(browsers=2) as harness:
        await until(lambda: len(harness.pool.browsers) == 2, "both browsers run")
        first, second = harness.pool.browsers
        job = asyncio.create_task(stuck(harness, site))
        await until(lambda: "/stuck" in site.paths, "the job is under way")
        dying, living = (first, second) if first.busy else (second, first)
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            assert living.busy == 1
            kill_driver(dying)
            with pytest.raises(BrowserLost):
                await job
            await opened.page.goto(site.address)
        await until(
            lambda: len(harness.pool.browsers) == 2 and dying not in harness.pool.browsers,
            "there are two browsers again",
        )


async def test_a_browser_that_hangs_is_retired_and_killed(site: Site) -> None:
    """A context that does not open in time costs no job: the next browser gives it one.

    On a busy machine another one may be late as well, so what is awaited is this one's end.
    """
    async with a_pool(open_seconds=3.0, close_seconds=0.5) as harness:
        hanging = harness.only
        stopped = chromium_of(hanging)
        os.kill(stopped, signal.SIGSTOP)
        async with harness.pool.context(PLAIN, deadline=harness.within(60)) as opened:
            await opened.page.goto(site.address)
        await until(
            lambda: hanging not in harness.pool.browsers and not processes.running(stopped),
            "the hanging one is gone",
            within_s=60,
        )
        assert harness.counted("retirements_total", reason="hung") >= 1


async def test_a_context_that_does_not_close_holds_nobody_up(site: Site) -> None:
    """Each close is bounded; what does not close is killed."""
    async with a_pool(close_seconds=0.5) as harness:
        hanging = harness.only
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            await opened.page.goto(site.address)
            os.kill(chromium_of(hanging), signal.SIGSTOP)
        assert harness.counted("retirements_total", reason="hung") == 1
        await serves(harness, site)
        await until(lambda: hanging not in harness.pool.browsers, "the hanging one is gone")


def unreliable(folder: Path) -> Path:
    """A Chromium that does not start while `broken` is there."""
    path = folder / "chromium"
    real = chromium.find(None)
    path.write_text(f'#!/bin/sh\ntest -e {folder}/broken && exit 1\nexec {real} "$@"\n')
    path.chmod(0o755)
    return path


async def test_a_chromium_that_does_not_start_is_tried_again(site: Site, tmp_path: Path) -> None:
    """With longer and longer pauses; jobs wait for it within their deadline."""
    async with a_pool(chromium=unreliable(tmp_path), backoff_seconds=0.1) as harness:
        (tmp_path / "broken").touch()
        kill_browser(harness.only)
        with pytest.raises(BrowserUnavailable):
            async with harness.pool.context(PLAIN, deadline=harness.within(1.5)):
                raise AssertionError
        assert not harness.pool.ready()
        (tmp_path / "broken").unlink()
        await serves(harness, site)
        assert harness.pool.ready()
        assert harness.counted("launches_total", reason="wanted") == 1


async def test_a_pool_without_a_working_chromium_does_not_start(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    broken = unreliable(tmp_path)
    (tmp_path / "broken").touch()
    folder = tmp_path / "files"
    folder.mkdir()
    pool = BrowserPool(BrowserPoolSettings(CHORUS_CHROMIUM=broken, folder=folder))
    with pytest.raises(BrowserStartFailed, match="Chromium did not start"):
        await pool.start()
    assert contents(folder) == []


async def test_messages_of_playwright_are_never_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """INVARIANT P6: with DEBUGP set Playwright prints cookies, so the pool refuses to start."""
    monkeypatch.setenv("DEBUGP", "1")
    with pytest.raises(ConfigurationError, match="DEBUGP"):
        await BrowserPool(BrowserPoolSettings()).start()


async def test_driver_and_browser_see_no_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """INVARIANT P6: no secret of the service, and no switch that makes the driver print pages."""
    monkeypatch.setenv("DATABASE_URL", "SECRET")
    monkeypatch.setenv("DEBUG", "pw:*")
    async with a_pool() as harness:
        for pid in (driver_of(harness.only), chromium_of(harness.only)):
            seen = environment_of(pid)
            assert b"SECRET" not in seen
            assert b"DEBUG" not in seen
            assert f"TMPDIR={harness.folder}".encode() in seen


async def test_a_page_that_crashed_unnoticed_is_none_of_the_next_jobs(site: Site) -> None:
    """A job that ends well is well, whatever became of its page afterwards."""
    async with a_pool() as harness:
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            await opened.page.goto(site.address)
            crashed = asyncio.Event()
            opened.page.on("crash", lambda _: crashed.set())
            kill_page(harness.only)
            await crashed.wait()
        await serves(harness, site)
        assert harness.counted("crashes_total", level="page") == 1
