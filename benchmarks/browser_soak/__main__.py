"""`python -m benchmarks.browser_soak`: prints a table, writes var/browser-soak.json."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.browser_soak.run import figures, soak
from benchmarks.report import machine

RESULT = Path("var/browser-soak.json")
_LINES = (
    "reposts",
    "truth",
    "success",
    "faults_that_struck",
    "seconds",
    "per_minute",
    "zombies",
    "ended_by_itself_in_time",
    "left_in_folder",
    "load",
)
_SLOPES = ("tree_mib", "service_mib", "service_fds", "files")


def main() -> int:
    """1 where under 99 % were done, one was done twice, or something was left behind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_soak")
    parser.add_argument("--reposts", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=25.0, help="at most")
    parser.add_argument("--faults", type=int, metavar="SEED", help="a network that fails by chance")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chorus-soak-") as folder:
        soaked = soak(
            Path(folder),
            reposts=asked.reposts,
            within_s=60 * asked.minutes,
            seed=asked.faults,
        )
    found = figures(soaked) | {"machine": machine()}
    RESULT.parent.mkdir(exist_ok=True)
    samples = [asdict(each) for each in soaked.samples]
    RESULT.write_text(json.dumps(found | {"samples": samples}, indent=1) + "\n")
    _show(found)
    return 0 if _clean(found) else 1


def _clean(found: dict[str, Any]) -> bool:
    once = found["success"] >= 0.99 and not found["truth"]["doubles"]
    return once and not found["left_in_folder"] and not found["zombies"]["last"]


def _show(found: dict[str, Any]) -> None:
    table = Table("figure", "per 100 reposts", "after 100", "least", "most", "last")
    for name in ("tree_mib", "service_mib", "service_fds", "processes", "files", "files_mib"):
        line = found["per_100_reposts"].get(name)
        slope = f"{line['per_hundred']:+.2f} ± {line['error']:.2f}" if name in _SLOPES else ""
        values = (f"{found[name][key]:,.1f}" for key in ("first", "least", "most", "last"))
        table.add_row(name, slope, *values)
    console = Console()
    console.print(table)
    for name in _LINES:
        console.print(f"  {name}: {found[name]}", highlight=False)
    console.print(f"  all samples: {RESULT}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
