"""The figures on the terminal and in var/bench-browser.json."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.browser_pool.work import Result, Way
from benchmarks.report import Series, machine

OUTPUT = Path("var/bench-browser.json")

Figures = Mapping[Way, Series]


def show(
    results: Mapping[Way, Sequence[Result]],
    memory: Mapping[Way, Sequence[float]],
    alone: Result,
    *,
    at_once: int,
    chromium: str,
) -> None:
    """Medians over the runs, with their ranges."""

    def each(of: Callable[[Result], float]) -> Figures:
        return {way: Series([of(result) for result in runs]) for way, runs in results.items()}

    figures: dict[str, Figures] = {
        "per_core_per_min": each(lambda result: result.per_core_per_min),
        "per_min": each(lambda result: result.per_min),
        "per_cpu_min": each(lambda result: result.per_cpu_min),
        "mib_each": {way: Series(list(values)) for way, values in memory.items()},
        "seconds": each(lambda result: result.median_s),
    }
    tree: dict[str, Any] = {
        "machine": machine() | {"chromium": chromium, "at_once": at_once},
        "median_s": round(figures["seconds"]["pool"].median, 3),
        "median_alone_s": round(alone.median_s, 3),
        "failed": {way: sum(len(r.failures) for r in runs) for way, runs in results.items()},
        "ranges": {},
    }
    for name, series in figures.items():
        tree[name] = {way: round(one.median, 2) for way, one in series.items()}
        tree["ranges"][name] = {
            way: [round(v, 2) for v in one.values] for way, one in series.items()
        }
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(tree, indent=2) + "\n")
    _print(figures, tree, at_once)


def _print(figures: Mapping[str, Figures], tree: Mapping[str, Any], at_once: int) -> None:
    labels = {
        "per_core_per_min": "reposts a minute and core",
        "per_min": "reposts a minute",
        "per_cpu_min": "reposts for a minute of CPU",
        "mib_each": "MiB each",
        "seconds": "median seconds",
    }
    ways = list(figures["seconds"])
    table = Table("figure", *ways, title=f"Reposts, {at_once} at once")
    for name, label in labels.items():
        table.add_row(label, *(figures[name][way].text(2) for way in ways))
    table.add_row("failed", *(str(tree["failed"][way]) for way in ways))
    console = Console()
    console.print(table)
    console.print(f"One alone: {tree['median_alone_s']:.2f} s. The same as JSON: {OUTPUT}")
