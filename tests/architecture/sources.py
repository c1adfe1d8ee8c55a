"""Which files are ours, for the tests that look at all of them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PYTHON_FOLDERS = frozenset(
    ["shared", "services", "sandbox", "lab", "demo", "tests", "benchmarks", "tools", "deploy"]
)
_NOT_OURS = {"__pycache__", "var", "node_modules", "build", "dist"}
_OURS_THOUGH_HIDDEN = {".ci", ".github"}


def our_files() -> list[Path]:
    """Every file of the project but what is made, installed or cached."""
    return sorted(_walk(ROOT))


def python_files() -> list[Path]:
    """Every Python file of the project."""
    return [
        path
        for path in our_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in _PYTHON_FOLDERS
    ]


def files_of_tests() -> list[Path]:
    """Every Python file below tests."""
    return [path for path in python_files() if path.is_relative_to(ROOT / "tests")]


def named(path: Path) -> str:
    """A path as messages show it."""
    return path.relative_to(ROOT).as_posix()


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if _is_ours(path.name):
                yield from _walk(path)
        elif not path.is_symlink() and path.suffix != ".pyc":
            yield path


def _is_ours(folder: str) -> bool:
    hidden = folder.startswith(".") and folder not in _OURS_THOUGH_HIDDEN
    return not hidden and folder not in _NOT_OURS and not folder.endswith(".egg-info")
