"""Functions and files stay small enough to be read at once."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import files_of_tests, named, python_files

_FUNCTION_LINES = 50
_FUNCTION_LINES_P90 = 25
_FILE_LINES = 400
_TEST_FILE_LINES = 500


def test_no_function_is_too_long() -> None:
    """INVARIANT: no function has more than 50 lines."""
    too_long = [f"{name}: {lines}" for name, lines in _functions() if lines > _FUNCTION_LINES]
    assert too_long == []


def test_nine_functions_in_ten_are_short() -> None:
    """INVARIANT: at the 90th percentile a function has at most 25 lines."""
    lengths = sorted(lines for _, lines in _functions())
    assert lengths[len(lengths) * 9 // 10] <= _FUNCTION_LINES_P90


def test_no_file_is_too_long() -> None:
    """INVARIANT: a file has at most 400 lines, a file of tests 500."""
    tests = set(files_of_tests())
    too_long = []
    for path in python_files():
        lines = len(path.read_text().splitlines())
        if lines > (_TEST_FILE_LINES if path in tests else _FILE_LINES):
            too_long.append(f"{named(path)}: {lines}")
    assert too_long == []


def _functions() -> Iterator[tuple[str, int]]:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{named(path)}:{node.lineno} {node.name}", lines
