"""`make bench-browser`: python -m benchmarks.browser_pool [--reposts N] [--at-once N] [--runs N].

Throughput, latency and memory are measured in runs of their own, pool and naive in turn, since
reading the memory of so many processes takes CPU itself. The sandbox is a process apart; its CPU is
in no figure, but it takes its share of the machine.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.browser_pool.report import show
from benchmarks.browser_pool.site import Site, running_site
from benchmarks.browser_pool.work import Result, Way, Work
from chorus_browser_repost.pool.chromium import find

_MIB = 1024 * 1024
_SAMPLE_SECONDS = 0.25


def main() -> int:
    """Print a table; write var/bench-browser.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_pool", description=__doc__)
    parser.add_argument("--reposts", type=int, default=60, help="through the pool, in each run")
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    ways = _ways()
    results: dict[Way, list[Result]] = {way: [] for way in ways}
    memory: dict[Way, list[float]] = {way: [] for way in ways}
    with running_site() as site:
        for way, chromium in ways.items():
            _measured(site, site.work(way, chosen.at_once, chosen.at_once, chromium), counts=False)
        for _ in range(chosen.runs):
            for way, chromium in ways.items():
                count = chosen.reposts if way == "pool" else max(10, chosen.reposts // 4)
                work = site.work(way, count, chosen.at_once, chromium)
                results[way].append(_measured(site, work))
                work = site.work(way, 3 * chosen.at_once, chosen.at_once, chromium)
                memory[way].append(_memory(site, work))
        alone = _measured(site, site.work("pool", 10, 1, ways["pool"]))
    show(results, memory, alone, at_once=chosen.at_once, chromium=str(ways["pool"]))
    return 0


def _ways() -> dict[Way, Path]:
    """Each way with its browser. A simple script starts the machine's Chromium; once more it has
    the pool's headless shell, which not every script knows of.
    """
    found, whole = find(None), shutil.which("chromium")
    ways: dict[Way, Path] = {"pool": found, "naive": Path(whole) if whole else found}
    return ways | {"naive_shell": found} if ways["naive"] != found else ways


def _measured(site: Site, work: Work, *, counts: bool = True) -> Result:
    """`counts`: not the first one of a browser, which reads its program from the disk."""
    with _worker(work) as process:
        text, _ = process.communicate(timeout=600)
    result = Result.of_json(text)
    site.check(len(work.tasks) - len(result.failures))
    if not counts:
        return result
    print(
        f"  {work.way:<14} {len(work.tasks)} reposts, {work.at_once} at once: "
        f"{result.cpu_s / len(work.tasks):.2f} CPU s each, {result.wall_s:.0f} s in all, "
        f"median {result.median_s:.2f} s, failed: {list(result.failures)}",
        flush=True,
    )
    return result


def _memory(site: Site, work: Work) -> float:
    """MiB for each of the jobs at once: the highest PSS of all processes over that of the worker
    before it had started any.
    """
    with _worker(work) as process:
        root = psutil.Process(process.pid)
        base = peak = 0.0
        started = False
        while process.poll() is None:
            size = _pss(root)
            started = started or bool(root.children())
            base = base if started else size
            peak = max(peak, size)
            time.sleep(_SAMPLE_SECONDS)
    site.forget()
    each = (peak - base) / work.at_once / _MIB
    print(f"  {work.way:<14} {each:.0f} MiB each (of {peak / _MIB:.0f})", flush=True)
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
