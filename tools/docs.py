#!/usr/bin/env python3
"""Writes the parts of the documents that follow from the code, between their marks.

`tools/docs.py [--check]`: with `--check` nothing is written, and the status is 1 where a document
is not what it would be.
"""

import argparse
import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from chorus.settings import (
    KafkaSettings,
    PostgresSettings,
    PreparingKafkaSettings,
    ServiceSettings,
    variable,
)
from chorus.telemetry import metrics
from chorus.vocabulary import WithheldCode
from chorus_browser_repost.pool.settings import BrowserPoolSettings
from chorus_browser_repost.settings import BrowserKafkaSettings, BrowserRepostSettings
from chorus_executor.settings import ExecutorSettings
from chorus_gateway.problem_table import PROBLEMS
from chorus_gateway.settings import GatewaySettings
from chorus_scheduler.domain.reasons import REASONS
from chorus_scheduler.settings import SchedulerSettings

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


def logged() -> str:
    """Every event that a service logs, by name."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for folder in ("shared", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for event, level in _events(ast.parse(path.read_text(encoding="utf-8"))):
                levels, files = found.setdefault(event, (set(), set()))
                levels.add(level)
                files.add("/".join(path.relative_to(ROOT).parts[1 + (folder == "services") :]))
    lines = [
        f"| `{event}` | {', '.join(sorted(levels))} | `{'`, `'.join(sorted(files))}` |"
        for event, (levels, files) in sorted(found.items())
    ]
    return "\n".join(["| event | level | where |", "| -- | -- | -- |", *lines])


def _events(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each event of a logger named `_log`, and its level. It is written out where it is logged."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "_log"
            and node.func.attr in _LEVELS
        ):
            first = node.args[0]
            if not isinstance(first, ast.Constant):
                raise SystemExit(f"An event is not written out: {ast.unparse(node)}")
            yield str(first.value), _LEVELS[node.func.attr]


_LEVELS = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "error": "error",
    "exception": "error",
    "critical": "critical",
}


def settings(*classes: type[BaseSettings]) -> str:
    """Every variable of some settings, with what its field's docstring says."""
    lines = [
        f"| `{variable(each, name)}` | {_default(field)} | {_meaning(each, name)} |"
        for each in classes
        for name, field in _fields(each)
    ]
    head = "| variable | default | meaning (times in seconds) |"
    return "\n".join([head, "| -- | -- | -- |", *lines])


def _fields(settings_class: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """Its own first, then what it has of shared ones. Not what every process has, nor a name that
    is no setting.
    """
    shown = {"service", "model_config"}
    for each in settings_class.__mro__:
        if each in _EVERYWHERE and each is not settings_class:
            return
        for name in inspect.get_annotations(each):
            if name in settings_class.model_fields and name not in shown:
                shown.add(name)
                yield name, settings_class.model_fields[name]


_EVERYWHERE = {ServiceSettings, KafkaSettings, PostgresSettings, BaseSettings}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        least = next((each.min_length for each in field.metadata if hasattr(each, "min_length")), 0)
        return f"needed, ≥ {least}" if least else "needed"
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if field.default_factory is not None or value is None or value == "":
        return "–"  # noqa: RUF001 - as the tables have it
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"{value:g}" if isinstance(value, float) and value % 1 else _plain(value)


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else f"{value}"


def _meaning(settings_class: type[BaseSettings], name: str) -> str:
    for each in settings_class.__mro__:
        if issubclass(each, BaseSettings) and each is not BaseSettings:
            text = _said(each).get(name)
            if text is not None:
                return " ".join(text.split())
    raise SystemExit(f"{settings_class.__name__}.{name} has no docstring.")


def _said(settings_class: type[BaseSettings]) -> dict[str, str]:
    """The docstring below each field."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(settings_class)))
    body = next(each.body for each in tree.body if isinstance(each, ast.ClassDef))
    said = {}
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            said[field.target.id] = str(text.value.value)
    return said


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "problems": ("docs/api.md", problems),
    "reasons": ("docs/reasons.md", reasons),
    "metrics": ("docs/metrics.md", measured),
    "logs": ("docs/logs.md", logged),
    "withheld": ("docs/reasons.md", withheld),
    "settings-executor": ("services/executor/README.md", partial(settings, ExecutorSettings)),
    "settings-browser-repost": (
        "services/browser-repost/README.md",
        partial(settings, BrowserRepostSettings, BrowserKafkaSettings, BrowserPoolSettings),
    ),
    "settings-gateway": ("services/gateway/README.md", partial(settings, GatewaySettings)),
    "settings-scheduler": ("services/scheduler/README.md", partial(settings, SchedulerSettings)),
    "settings-every": (
        "services/scheduler/README.md",
        partial(settings, PostgresSettings, KafkaSettings, PreparingKafkaSettings, ServiceSettings),
    ),
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
