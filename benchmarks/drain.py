"""How fast overdue activities go out, each with its journal row, its call and its outcome."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks.bed import Bed, bed, stack
from benchmarks.report import Report
from chorus_lab.stack import Stack


def cpu_seconds(running: Stack) -> dict[str, float]:
    """CPU time used so far, by process, children included."""
    pids = {name: running.process(name).pid for name in running.urls}
    pids["postgres"] = running.postgres.pid
    return {name: _tree(pid) for name, pid in pids.items()}


def _tree(pid: int) -> float:
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


async def _once(the_bed: Bed, count: int) -> tuple[float, dict[str, float]]:
    overdue = datetime.now(UTC) - timedelta(minutes=1)
    before = cpu_seconds(the_bed.stack)
    posts = await the_bed.fill(count, first=overdue, every_s=0)
    started = time.perf_counter()
    ended = await the_bed.settled(posts, within_s=180)
    after = cpu_seconds(the_bed.stack)
    used = {name: (after[name] - before[name]) * 1000 / count for name in after if name in before}
    return count / (ended - started), used


async def _measure(the_bed: Bed, report: Report, runs: int, word: str) -> None:
    await _once(the_bed, 2000)
    small = [await _once(the_bed, 5000) for _ in range(runs)]
    report.add(
        f"drain_5k_per_s.{word}",
        f"drain of 5,000, {word} executor(s)",
        [rate for rate, _ in small],
        "/s",
        digits=0,
    )
    large = [await _once(the_bed, 20_000) for _ in range(runs)]
    report.add(
        f"drain_per_s.{word}",
        f"drain of 20,000, {word} executor(s)",
        [rate for rate, _ in large],
        "/s",
        digits=0,
    )
    for name in large[0][1]:
        values = [used.get(name, 0.0) for _, used in large]
        report.add(
            f"cpu_ms_per_activity.{word}.{name}",
            f"CPU of {name}, {word} executor(s)",
            values,
            "ms each",
            digits=3,
        )
    truth = await the_bed.truth()
    assert truth["doubles"] == [], "the network saw something twice"


def run(report: Report, folder: Path, runs: int) -> None:
    """Drains with one and with two executors."""
    for word, executors in (("one", 1), ("two", 2)):
        report.say(f"Drain, {word} executor(s), 50 calls at once each")
        with stack(folder / word, executors=executors) as running:

            async def all_of_it(running: Stack = running, word: str = word) -> None:
                async with bed(running) as the_bed:
                    await _measure(the_bed, report, runs, word)

            asyncio.run(all_of_it())
