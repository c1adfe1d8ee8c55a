"""`make bench-browser`: python -m benchmarks.browser_pool [--reposts N] [--at-once N] [--runs N].

Throughput, latency and memory are measured in runs of their own, pool and naive in turn, since
reading the memory of so many processes takes CPU itself. The sandbox is a process apart; its CPU is
in no figure, but it takes its share of the machine.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.browser_pool.report import show
from benchmarks.browser_pool.site import Site, running_site
from benchmarks.browser_pool.work import Result, Way, Work
from chorus_browser_repost.pool.chromium import find

WAYS: tuple[Way, ...] = ("pool", "naive")
_MIB = 1024 * 1024
_SAMPLE_SECONDS = 0.25


def main() -> int:
    """Print a table; write var/bench-browser.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_pool", description=__doc__)
    parser.add_argument("--reposts", type=int, default=60, help="through the pool, in each run")
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    results: dict[Way, list[Result]] = {"pool": [], "naive": []}
    memory: dict[Way, list[float]] = {"pool": [], "naive": []}
    with running_site() as site:
        for _ in range(chosen.runs):
            for way in WAYS:
                count = chosen.reposts if way == "pool" else max(10, chosen.reposts // 4)
                results[way].append(_measured(site, way, count, chosen.at_once))
                memory[way].append(_memory(site, way, chosen.at_once))
        alone = _measured(site, "pool", 10, 1)
    show(results, memory, alone, at_once=chosen.at_once, chromium=str(find(None)))
    return 0


def _measured(site: Site, way: Way, count: int, at_once: int) -> Result:
    with _worker(site.work(way, count, at_once, find(None))) as process:
        text, _ = process.communicate(timeout=600)
    result = Result.of_json(text)
    print(
        f"  {way:<6} {count} reposts, {at_once} at once: "
        f"{60 * len(result.seconds) / result.cpu_s:.1f} a minute and core, "
        f"median {statistics.median(result.seconds or [0]):.2f} s, failed: {list(result.failures)}",
        flush=True,
    )
    site.check(count - len(result.failures))
    return result


def _memory(site: Site, way: Way, at_once: int) -> float:
    """MiB for each of the jobs at once: the highest PSS of all processes over that of the worker
    before it had started any.
    """
    with _worker(site.work(way, 3 * at_once, at_once, find(None))) as process:
        root = psutil.Process(process.pid)
        base = peak = 0.0
        while process.poll() is None:
            size = _pss(root)
            base = size if not root.children() else base
            peak = max(peak, size)
            time.sleep(_SAMPLE_SECONDS)
    site.forget()
    each = (peak - base) / at_once / _MIB
    print(f"  {way:<6} {each:.0f} MiB each (peak {peak / _MIB:.0f})", flush=True)
    return each


def _pss(root: psutil.Process) -> float:
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it has ended meanwhile
    return total


@contextmanager
def _worker(work: Work) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.browser_pool.worker", work.as_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


if __name__ == "__main__":
    sys.exit(main())
