"""What the documents name is there, and what follows from the code is as the code has it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus.telemetry import metrics
from tests.architecture.sources import ROOT, named, our_files, python_files

WIDTH = 110
_MADE_HERE = ("var/", "/")
"""What a run makes, and what is on somebody's machine."""

_CODE = re.compile(r"```.*?```", re.DOTALL)
_NAMED = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w./-]+\.(?:py|sql|md|ya?ml|toml|lock|json|asyncapi)\Z")
_TEST = re.compile(r"(?P<file>[\w./-]+\.py)::(?P<name>\w+)")
_LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<file>[^)#\s]*)(?P<heading>#[^)\s]+)?\)")
_MADE = re.compile(r"(?:`|^|\$ )make ([a-z][a-z-]*)", re.MULTILINE)
_METRIC = re.compile(
    r"\bchorus_[a-z_]+_(?:total|seconds|messages|rows|items|contexts|jobs|bytes|connections)\b"
)
_MODULE = re.compile(r"python -m ((?:chorus|tests|benchmarks)[\w.]*)")

DOCUMENTS = sorted(path for path in our_files() if path.suffix == ".md")


def _prose(path: Path) -> str:
    return _CODE.sub("", path.read_text(encoding="utf-8"))


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def _is_there(name: str, files: set[str]) -> bool:
    return any(file == name or file.endswith(f"/{name}") for file in files)


def _missing(path: Path) -> Iterator[str]:
    files = {named(file) for file in our_files()}
    for name in _NAMED.findall(_prose(path)):
        found = _TEST.search(name)
        if found is not None:
            holders = [file for file in files if f"/{file}".endswith(f"/{found['file']}")]
            if not any(f"def {found['name']}(" in (ROOT / file).read_text() for file in holders):
                yield name
        elif name.startswith(_MADE_HERE) or not _FILE.fullmatch(name):
            continue
        elif not _is_there(name.removeprefix("./"), files):
            yield name


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_file_and_test_that_it_names_is_there(path: Path) -> None:
    """A reader who follows a name finds it. A file is named by its path, or by the end of it."""
    assert list(_missing(path)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_that_it_names_is_there(path: Path) -> None:
    """`make` targets, and modules that are run."""
    text = path.read_text(encoding="utf-8")
    assert set(_MADE.findall(text)) - _targets() == set()
    for module in _MODULE.findall(text):
        parts = "/".join(module.split("."))
        files = {named(file) for file in our_files()}
        there = (f"{parts}.py", f"{parts}/__main__.py")
        assert any(_is_there(each, files) for each in there), module


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_metric_that_it_names_is_there(path: Path) -> None:
    """Whoever makes a dashboard or an alert of it must find something."""
    said = set(_METRIC.findall(path.read_text(encoding="utf-8")))
    assert said - {each.name for each in metrics.declared()} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a file, and where it names a heading, to that."""
    for found in _LINK.finditer(_prose(path)):
        target = (path.parent / found["file"]).resolve() if found["file"] else path
        assert target.exists(), found[0]
        if found["heading"]:
            assert found["heading"][1:] in _anchors(target), found[0]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_lines_are_no_wider_than_a_screen(path: Path) -> None:
    """Tables and code cannot be wrapped, and an address cannot."""
    text = _CODE.sub("", path.read_text(encoding="utf-8"))
    wide = [
        line
        for line in text.splitlines()
        if len(line) > WIDTH and not line.lstrip().startswith(("|", "    ")) and "](" not in line
    ]
    assert wide == []


_SHOWN_WITH_OTHERS = {"ExecutionSettings", "NotifierSettings"}
"""Those of both executors; and one that has none of its own."""


def test_every_setting_is_in_a_table() -> None:
    """Whoever runs it finds each variable: `tools/docs.py` writes the tables."""
    written = (ROOT / "tools/docs.py").read_text(encoding="utf-8")
    classes = {
        node.name
        for path in python_files()
        if named(path).startswith(("shared/", "services/")) and path.name == "settings.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    assert {each for each in classes if each not in written} == _SHOWN_WITH_OTHERS


def test_what_follows_from_the_code_is_current() -> None:
    """`make docs` writes it."""
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
