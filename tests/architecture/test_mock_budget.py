"""Tests run against the real thing, or against a fake that passes the real one's contract."""

import ast
from pathlib import Path

from tests.architecture.sources import files_of_tests, named

_SITES_PER_100_TESTS = 5
_MOCKS = {
    "AsyncMock",
    "MagicMock",
    "Mock",
    "NonCallableMock",
    "PropertyMock",
    "create_autospec",
    "patch",
}
_LIBRARIES = {"mock", "mocker", "unittest"}
# Replacing an attribute is a mock by another name; setting an environment variable is not.
_REPLACING = {("monkeypatch", "setattr"), ("monkeypatch", "setitem"), ("mocker", "patch")}
_SKIPS = {"skip", "skipif", "xfail", "importorskip"}


def test_mocks_are_rare() -> None:
    """INVARIANT: at most 5 places that mock in 100 tests."""
    tests, sites = 0, []
    for path in files_of_tests():
        for node in ast.walk(ast.parse(path.read_text())):
            tests += _is_test(node)
            if isinstance(node, ast.Call) and _mocks(node.func):
                sites.append(_place(path, node))
    assert len(sites) * 100 <= _SITES_PER_100_TESTS * tests, sites


def test_no_test_is_skipped() -> None:
    """INVARIANT: what cannot run is not called a test."""
    skips = [
        _place(path, node)
        for path in files_of_tests()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in _SKIPS and _root(node) == "pytest"
    ]
    assert skips == []


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
        "test_"
    )


def _mocks(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in _MOCKS
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "patch":
        # A request of HTTP is none.
        return _root(function) in _LIBRARIES
    return function.attr in _MOCKS or _root(function) == "patch" or _replaces(function)


def _replaces(function: ast.Attribute) -> bool:
    return (_root(function), function.attr) in _REPLACING


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _place(path: Path, node: ast.Call | ast.Attribute) -> str:
    return f"{named(path)}:{node.lineno}"
