"""The gateway's routes are thin: what is done, and by what rule, stands in its use cases."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from chorus.postgres.queries import parse
from tests.architecture.sources import ROOT, named

_GATEWAY = ROOT / "services/gateway/chorus_gateway"
_ROUTE_LINES = 25
_METHODS = {"get", "post", "put", "patch", "delete"}
_OF_USE_CASES = {"transaction", "tenant", "nobody", "note", "announce"}
"""What opens a transaction that may write, writes the audit row, tells the event."""
_KEEPS_ANSWERS = _GATEWAY / "api/idempotency.py"
"""Keeps the answer to a request in the transaction of its effect."""
_STORE = "chorus_gateway.store"
_WRITES = re.compile(r"\b(?:insert|update|delete|for share)\b", re.IGNORECASE)


def test_no_route_is_long() -> None:
    """INVARIANT: a route has at most 25 lines, and so has whatever stands beside it."""
    routes, too_long = 0, []
    for path in sorted((_GATEWAY / "api/routes").glob("*.py")):
        for function in _functions(path.read_text()):
            routes += any(_is_route(decorator) for decorator in function.decorator_list)
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > _ROUTE_LINES:
                too_long.append(f"{named(path)}:{function.lineno} {function.name}: {lines}")
    assert too_long == []
    assert routes > 50


def test_the_api_looks_and_asks() -> None:
    """INVARIANT: nothing of the API writes. It reads, and has a use case do what is to be done."""
    done = [
        f"{named(path)}:{what}"
        for path in sorted((_GATEWAY / "api").rglob("*.py"))
        if path != _KEEPS_ANSWERS
        for what in _done_by_itself(path.read_text())
    ]
    assert done == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("async with caller.reading() as conn: await accounts.find(conn, one)", []),
        ("async with caller.transaction() as conn: pass", ["transaction"]),
        ("async with gateway.database.tenant(client_id) as conn: pass", ["tenant"]),
        ("await caller.note(conn, 'post.queued', one)", ["note"]),
        ("await announce(conn, post, now)", ["announce"]),
        ("await accounts.save(conn, one)", ["accounts.save"]),
        ("await accounts.lock(conn, one)", ["accounts.lock"]),
        ("await actions.save(conn, one)", []),
        ("from chorus_gateway.store.posts import add", ["posts.add"]),
        ("from chorus_gateway.store.posts import Post, find", []),
        ("from chorus_gateway.store import audit as log; log.add(conn)", ["audit.add"]),
    ],
)
def test_what_counts_as_done_by_itself(text: str, found: list[str]) -> None:
    """The rule itself, so that it cannot go blind."""
    head = "from chorus_gateway.store import accounts\nasync def route():\n "
    assert list(_done_by_itself(head + text)) == [f"3 {each}" for each in found]


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_route(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in _METHODS
    )


def _done_by_itself(text: str) -> Iterator[str]:
    """Line and name of what a use case should do."""
    tree = ast.parse(text)
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _STORE:
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_STORE}."):
            names = {f"{(node.module or '').rpartition('.')[2]}.{one.name}" for one in node.names}
            yield from (f"{node.lineno} {name}" for name in sorted(names & _writing()))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _called(node, modules)
            if name in _writing() or name.rpartition(".")[2] in _OF_USE_CASES:
                yield f"{node.lineno} {name}"


def _called(call: ast.Call, modules: dict[str, str]) -> str:
    """`module.function` where it is one of the store, else the function's name alone."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute):
        return ""
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    return f"{modules[owner]}.{function.attr}" if owner in modules else function.attr


@cache
def _writing() -> frozenset[str]:
    """Every `module.function` of the store whose SQL changes or locks rows."""
    return frozenset(
        f"{path.stem}.{function.name}"
        for path in (_GATEWAY / "store").glob("*.py")
        for function in _functions(path.read_text())
        if any(_WRITES.search(query) for query in _queries(path, function))
    )


def _queries(module: Path, function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "_SQL"
        ):
            yield _sql(module.with_suffix(".sql"))[node.attr]


@cache
def _sql(path: Path) -> dict[str, str]:
    """A module's queries without their comments."""
    queries = parse(path.read_text(), named(path))
    return {name: re.sub(r"--.*", "", text) for name, text in queries.items()}
