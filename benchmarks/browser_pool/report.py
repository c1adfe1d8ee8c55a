"""The figures on the terminal and in var/bench-browser.json."""

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.browser_pool.work import Result, Way
from benchmarks.report import Series, machine

OUTPUT = Path("var/bench-browser.json")


def show(
    results: Mapping[Way, Sequence[Result]],
    memory: Mapping[Way, Sequence[float]],
    alone: Result,
    *,
    at_once: int,
    chromium: str,
) -> None:
    """Medians over the runs, with their ranges."""
    rate = {way: Series([_rate(result) for result in runs]) for way, runs in results.items()}
    mib = {way: Series(list(values)) for way, values in memory.items()}
    medians = Series([statistics.median(result.seconds) for result in results["pool"]])
    failed = {way: sum(len(r.failures) for r in runs) for way, runs in results.items()}
    tree = {
        "machine": machine() | {"chromium": chromium, "at_once": at_once},
        "per_core_per_min": {way: round(series.median, 2) for way, series in rate.items()},
        "mib_each": {way: round(series.median, 1) for way, series in mib.items()},
        "median_s": round(medians.median, 3),
        "median_alone_s": round(statistics.median(alone.seconds), 3),
        "failed": failed,
        "ranges": {
            "per_core_per_min": {way: series.values for way, series in rate.items()},
            "mib_each": {way: series.values for way, series in mib.items()},
            "median_s": medians.values,
        },
    }
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(tree, indent=2) + "\n")
    table = Table("figure", "pool", "naive", "", title=f"Reposts, {at_once} at once")
    table.add_row(
        "a minute and core",
        rate["pool"].text(),
        rate["naive"].text(),
        f"{rate['pool'].median / rate['naive'].median:.1f} times",
    )
    table.add_row(
        "MiB each",
        mib["pool"].text(0),
        mib["naive"].text(0),
        f"{mib['pool'].median / mib['naive'].median:.2f} of it",
    )
    slow = statistics.median([s for result in results["naive"] for s in result.seconds])
    table.add_row("median seconds", medians.text(2), f"{slow:.2f}", "")
    table.add_row("median seconds, one alone", f"{tree['median_alone_s']}", "", "")
    table.add_row("failed", str(failed["pool"]), str(failed["naive"]), "")
    console = Console()
    console.print(table)
    console.print(f"The same as JSON: {OUTPUT}")


def _rate(result: Result) -> float:
    return 60 * len(result.seconds) / result.cpu_s
