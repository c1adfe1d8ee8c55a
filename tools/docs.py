#!/usr/bin/env python3
"""Writes the parts of the documents that follow from the code, between their marks.

`tools/docs.py [--check]`: with `--check` nothing is written, and the status is 1 where a document
is not what it would be.
"""

import argparse
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from chorus.telemetry import metrics
from chorus.vocabulary import WithheldCode
from chorus_gateway.problem_table import PROBLEMS
from chorus_scheduler.domain.reasons import REASONS

ROOT = Path(__file__).resolve().parent.parent


def problems() -> str:
    """Every problem of the API, by status and code."""
    rows = sorted(PROBLEMS.items(), key=lambda each: (each[1].status, each[0]))
    lines = [f"| {each.status} | `{code}` | {each.title}. {each.detail} |" for code, each in rows]
    return "\n".join(["| status | code | what it says |", "| -- | -- | -- |", *lines])


def reasons() -> str:
    """Every reason of the scheduler, in the order of an activity's life."""
    lines = [f"| `{each.code}` | {each.sentence} | {each.follows} |" for each in REASONS]
    return "\n".join(["| code | sentence | what follows |", "| -- | -- | -- |", *lines])


def withheld() -> str:
    """Every reason of an executor that made no call."""
    return textwrap.fill(", ".join(f"`{code}`" for code in WithheldCode) + ".", 110)


def measured() -> str:
    """Every metric of the system, by name."""
    rows = metrics.declared()
    lines = [
        f"| `{each.name}` | {each.kind} | {', '.join(f'`{label}`' for label in each.labels)} |"
        f" {each.text} |"
        for each in rows
    ]
    return "\n".join(["| name | type | labels | what it says |", "| -- | -- | -- | -- |", *lines])


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "problems": ("docs/api.md", problems),
    "reasons": ("docs/reasons.md", reasons),
    "metrics": ("docs/metrics.md", measured),
    "withheld": ("docs/reasons.md", withheld),
}


def written(text: str, part: str, content: str) -> str:
    """The text with the part between its marks."""
    marks = re.compile(rf"(<!-- {part}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
    found, count = marks.subn(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)
    if count != 1:
        raise SystemExit(f"The marks of {part} are not there once.")
    return found


def main() -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check, stale = parser.parse_args().check, False
    for part, (name, content) in PARTS.items():
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = written(before, part, content())
        if after != before:
            stale = True
            sys.stdout.write(f"{name}: {part}\n")
            if not check:
                path.write_text(after, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
