"""Rows of the database become values in `store/`, and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, named, python_files

_SERVICE = ROOT / "services/scheduler/chorus_scheduler"
_OF_OTHERS = {
    "services/scheduler/chorus_scheduler/api_guard.py": {"type", "headers", "query_string"},
    "services/scheduler/chorus_scheduler/voice/model.py": {"choices", "message", "content"},
}
"""Dictionaries that are no rows: an ASGI scope, and the answer of a language model."""


def test_only_a_store_asks_the_database() -> None:
    """INVARIANT: SQL is loaded and carried out in the scheduler's `store/`, and nowhere else."""
    asking = [f"{named(path)}:{line}" for path in _outside() for line in _asks(_tree(path))]
    assert asking == []


def test_only_a_store_reads_rows() -> None:
    """INVARIANT: outside the scheduler's `store/` nothing is read by the name of a column."""
    reading = [
        f"{named(path)}:{line} {column}"
        for path in _outside()
        for line, column in _reads(_tree(path))
        if column not in _OF_OTHERS.get(named(path), set())
    ]
    assert reading == []


@pytest.mark.parametrize(
    "source",
    [
        "from chorus.postgres.queries import load",
        "from chorus.postgres import queries",
        "import chorus.postgres.queries",
        "from chorus_scheduler.store.due import SQL",
        "await conn.execute(due.SQL.first_due)",
        "await conn.execute('select 1')",
        "await cursor.fetchall()",
    ],
)
def test_what_asks_the_database(source: str) -> None:
    """The rule itself, so that it cannot go blind."""
    assert list(_asks(ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ('row["id"]', ["id"]),
        ('row.get("acts_until")', ["acts_until"]),
        ('found[0]["at"]', ["at"]),
        ("row[0]", []),
        ("policies.get(pod_id)", []),
        ('kinds: Literal["like"]', []),
    ],
)
def test_what_reads_a_row(source: str, reads: list[str]) -> None:
    """A subscript, or `get`, with the name of a column; an annotation is none."""
    assert [column for _, column in _reads(ast.parse(source))] == reads


def _outside() -> list[Path]:
    return [
        path
        for path in python_files()
        if path.is_relative_to(_SERVICE) and not path.is_relative_to(_SERVICE / "store")
    ]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _asks(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                whole = {module, *(f"{module}.{each.name}" for each in names)}
                if "chorus.postgres.queries" in whole or any(n.name == "SQL" for n in names):
                    yield node.lineno
            case ast.Import(names=names):
                if any(each.name == "chorus.postgres.queries" for each in names):
                    yield node.lineno
            case ast.Attribute(attr="SQL" | "execute" | "fetchone" | "fetchall" | "fetchmany"):
                yield node.lineno


def _reads(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id="Literal")):
                continue
            case ast.Subscript(slice=ast.Constant(value=str(column))):
                yield node.lineno, column
            case ast.Call(
                func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(column)), *_]
            ):
                yield node.lineno, column
