"""Browsers are replaced before they grow old, and no job notices."""

import pytest

from chorus_browser_repost.domain.recycling import Retirement
from chorus_browser_repost.pool import ContextOptions
from tests.integration.browser_repost.pool_harness import Harness, Site, a_pool, until

PLAIN = ContextOptions()


async def serves(harness: Harness, site: Site) -> None:
    async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
        await opened.page.goto(site.address)


@pytest.mark.parametrize(
    ("reason", "bound"),
    [
        (Retirement.USES, {"retire_after_uses": 2}),
        (Retirement.AGE, {"retire_after_seconds": 0.5}),
        (Retirement.MEMORY, {"retire_above_mib": 1}),
    ],
)
async def test_a_browser_is_replaced(
    site: Site, reason: Retirement, bound: dict[str, float]
) -> None:
    """Each cause alone; age and memory without any job that would bring it to notice."""
    async with a_pool(check_seconds=0.2, **bound) as harness:
        first = harness.only
        await serves(harness, site)
        await serves(harness, site)
        await until(lambda: first not in harness.pool.browsers, "the first browser is gone")
        assert harness.counted("retirements_total", reason=reason) >= 1
        assert harness.counted("launches_total", reason=reason) >= 1
        assert harness.counted("crashes_total", level="browser") == 0


async def test_a_retired_browser_finishes_its_jobs(site: Site) -> None:
    """It takes no new job; its successor was there before; then it is closed."""
    async with a_pool(retire_after_uses=1, slots=3, check_seconds=0.2) as harness:
        first = harness.only
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            await until(lambda: len(harness.pool.browsers) == 2, "the successor is there")
            await serves(harness, site)
            await opened.page.goto(site.address)
            assert (first.uses, first.busy) == (1, 1)
        await until(lambda: first not in harness.pool.browsers, "it is closed")
        assert harness.pool.ready()


async def test_there_is_never_more_than_one_browser_too_many(site: Site) -> None:
    """INVARIANT: make before break costs one process at most, however much there is to replace."""
    async with a_pool(browsers=2, slots=4, retire_after_uses=1) as harness:
        most = 0
        while harness.counted("retirements_total", reason="uses") < 4:
            await serves(harness, site)
            most = max(most, len(harness.pool.browsers))
            assert most <= 3
        assert most == 3


async def test_memory_is_measured(site: Site) -> None:
    """P11: the PSS of browser and driver together, as the metric shows it."""
    async with a_pool(check_seconds=0.2) as harness:
        await serves(harness, site)
        await until(lambda: harness.counted("pss_bytes") > 0, "it was measured")
        assert 50 < harness.counted("pss_bytes") / 1024**2 < 1_000
        assert harness.counted("running_processes") == 1
