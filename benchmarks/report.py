"""Numbers of several runs as `median (min-max)`, on the terminal and in var/bench.json."""

import json
import platform
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BENCH_JSON = Path("var/bench.json")


@dataclass(slots=True)
class Series:
    """The same figure from each run."""

    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def text(self, digits: int = 1) -> str:
        """`median (min-max)`."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


class Report:
    """Rows for people, a tree for programs. Saved after each section."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str]] = []
        self._tree: dict[str, Any] = _earlier() | {"machine": machine()}
        self._console = Console()

    def note(self, **facts: object) -> None:
        """Facts that are the same in all runs: versions, settings."""
        self._tree["machine"].update(facts)

    def add(
        self, path: str, label: str, values: Iterable[float], unit: str, *, digits: int = 1
    ) -> None:
        """A figure: `path` is its place in the JSON, such as `lateness_ms.idle.p99`."""
        series = Series(list(values))
        place = self._tree
        *parents, last = path.split(".")
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = round(series.median, 3)
        ranges = self._tree.setdefault("ranges", {})
        ranges[path] = [round(value, 3) for value in series.values]
        self._rows.append((label, series.text(digits), unit))
        line = f"  {label:<58} {series.text(digits):>28} {unit}"
        self._console.print(line, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Progress."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def save(self) -> None:
        """Write var/bench.json."""
        BENCH_JSON.parent.mkdir(exist_ok=True)
        BENCH_JSON.write_text(json.dumps(self._tree, indent=2) + "\n")

    def show(self) -> None:
        """The whole table."""
        table = Table("figure", "median (min-max)", "unit", title="Chorus on this machine")
        for row in self._rows:
            table.add_row(*row)
        self._console.print(table)
        self._console.print(f"The same as JSON: {BENCH_JSON}")


def _earlier() -> dict[str, Any]:
    """What other sections measured before; a section that runs again replaces its figures."""
    if not BENCH_JSON.exists():
        return {}
    tree: dict[str, Any] = json.loads(BENCH_JSON.read_text())
    return tree


def machine() -> dict[str, Any]:
    """What it ran on."""
    memory = _first(Path("/proc/meminfo"), "MemTotal")
    return {
        "cpu": _first(Path("/proc/cpuinfo"), "model name"),
        "cores": len(_all(Path("/proc/cpuinfo"), "processor")),
        "memory": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _all(path: Path, name: str) -> list[str]:
    if not path.exists():
        return []
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return [value.strip() for key, _, value in lines if key.strip() == name]


def _first(path: Path, name: str) -> str:
    return next(iter(_all(path, name)), "unknown")


def percentiles(values: Mapping[str, float]) -> tuple[float, float, float]:
    """p50, p99 and max of a lateness row."""
    return values["p50"], values["p99"], values["max"]
