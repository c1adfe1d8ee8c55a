"""`python -m benchmarks.browser_pool.worker WORK`: reposts one way, and says what that took.

CPU is `getrusage` of this process and of its children at the end, when all have ended and were
reaped; orphans come to this process too. So driver, browsers and renderers are all in it, and so
are the starts and the ends of browsers. What came before (imports) is not.
"""

import asyncio
import contextlib
import logging
import os
import resource
import sys
import time

import structlog
import uvloop

from benchmarks.browser_pool.ways import Repost, naive, pool
from benchmarks.browser_pool.work import Result, Work
from chorus_browser_repost.pool.processes import adopt_orphans


def main() -> int:
    """Print a Result as JSON."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    adopt_orphans()
    work = Work.of_json(sys.argv[1])
    before, began = _cpu_seconds(), time.monotonic()
    seconds, failures = uvloop.run(_reposts(work))
    _reap()
    result = Result(
        cpu_s=_cpu_seconds() - before,
        wall_s=time.monotonic() - began,
        seconds=tuple(seconds),
        failures=tuple(failures),
    )
    print(result.as_json())
    return 0


async def _reposts(work: Work) -> tuple[list[float], list[str]]:
    seconds: list[float] = []
    failures: list[str] = []
    waiting = iter(work.tasks)

    async def jobs(repost: Repost) -> None:
        for account, post in waiting:
            began = time.monotonic()
            try:
                await repost(account, post)
            except Exception as error:  # noqa: BLE001 - what fails is counted
                failures.append(f"{type(error).__name__} {getattr(error, 'code', '')}".strip())
            else:
                seconds.append(time.monotonic() - began)

    async with (pool if work.way == "pool" else naive)(work) as repost:
        await asyncio.gather(*(jobs(repost) for _ in range(work.at_once)))
    return seconds, failures


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _reap() -> None:
    """Whatever is left ends by itself: its browser's pipe is closed."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


if __name__ == "__main__":
    sys.exit(main())
