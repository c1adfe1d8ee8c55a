"""Who may import whom."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import ROOT, named, python_files

# Of the standard library, what reaches outside, waits, or gives another answer each time.
_NOT_PURE = {
    "asyncio",
    "concurrent",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
}
_PURE_SHARED = {
    "chorus.documents",
    "chorus.errors",
    "chorus.events",
    "chorus.hidden",
    "chorus.ids",
    "chorus.linkedin",
    "chorus.texts",
    "chorus.vocabulary",
    "chorus.voice",
    "chorus_execution.domain",
}
_OURS = (
    "chorus",
    "chorus_browser_repost",
    "chorus_demo",
    "chorus_execution",
    "chorus_executor",
    "chorus_gateway",
    "chorus_lab",
    "chorus_notifier",
    "chorus_sandbox",
    "chorus_scheduler",
)
_CLOCKS_AND_DICE = {"now", "utcnow", "today", "uuid1", "uuid4", "monotonic", "perf_counter"}


def test_import_contracts_are_kept() -> None:
    """INVARIANT: services never import each other; see the contracts in pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


def test_a_domain_imports_only_what_is_pure() -> None:
    """INVARIANT: a domain knows no I/O, no third-party code, no other module of its service."""
    impure = [
        f"{named(path)}: {module}"
        for path in _domain_files()
        for module in _imported(path)
        if not _allowed(module, path)
    ]
    assert impure == []


def test_a_domain_asks_no_clock_and_rolls_no_dice() -> None:
    """INVARIANT: a domain is told `now` and its ids: the same input gives the same answer."""
    asked = [
        f"{named(path)}:{node.lineno} {name}"
        for path in _domain_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and (name := _called(node)) in _CLOCKS_AND_DICE
    ]
    assert asked == []


def test_every_process_goes_by_the_databases_clock() -> None:
    """INVARIANT: whoever's machine is wrong is not wrong about what is due, late or open."""
    apps = sorted((ROOT / "services").glob("*/chorus_*/app.py"))
    assert len(apps) == 5
    shared = (ROOT / "shared/chorus_execution/service.py").read_text()
    for app in apps:
        text = app.read_text()
        if "base = await foundation(settings)" in text:
            text += shared
        assert "SystemClock" not in text, named(app)
        assert "await database_clock(pool)" in text, named(app)
        assert 'service.add("clock", run=clock.run, stop=clock.stop)' in text, named(app)


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("dataclasses", True),
        ("urllib.parse", True),
        ("urllib.request", False),
        ("asyncio", False),
        ("pydantic", False),
        ("chorus.events.posts", True),
        ("chorus.postgres.pool", False),
        ("chorus_gateway.domain.roles", True),
        ("chorus_gateway.store", False),
        ("chorus_gateway.domain_tools", False),
    ],
)
def test_what_a_domain_may_import(module: str, allowed: bool) -> None:
    """The rule itself, so that it cannot go blind."""
    path = ROOT / "services/gateway/chorus_gateway/domain/example.py"
    assert _allowed(module, path) is allowed


def _domain_files() -> list[Path]:
    return [
        path
        for path in python_files()
        if "domain" in path.relative_to(ROOT).parts and not path.is_relative_to(ROOT / "tests")
    ]


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _allowed(module: str, path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    package = parts[2 if parts[0] == "services" else 1 : parts.index("domain") + 1]
    if any(_within(module, pure) for pure in {".".join(package), *_PURE_SHARED}):
        return True
    if any(_within(module, impure) for impure in _NOT_PURE):
        return False
    return module.partition(".")[0] in sys.stdlib_module_names


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_no_module_imports_itself_in_a_circle() -> None:
    """INVARIANT: what a module needs can be read before it. What is imported for types counts."""
    graph = grimp.build_graph(*_OURS, exclude_type_checking_imports=False)
    needs = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


_KNOWS_LINKEDIN = re.compile(
    r"shared/chorus/linkedin\.py|services/browser-repost/|.*/providers/|.*/lookup/|.*/hosted/"
    r"|.*/api/schemas/|.*/settings\.py"
)


def test_addresses_of_a_network_are_its_adapters() -> None:
    """INVARIANT: one parser, and one maker, of LinkedIn's addresses; the rest knows no network."""
    found = [
        named(path)
        for path in python_files()
        if path.parts[len(ROOT.parts)] in {"services", "shared"}
        and not _KNOWS_LINKEDIN.match(named(path))
        and "linkedin.com" in path.read_text(encoding="utf-8")
    ]
    assert found == []


_NAMES_LINKEDIN = re.compile(
    r"shared/chorus/(?:linkedin|vocabulary)\.py|services/browser-repost/|.*/providers/|.*/lookup/"
    r"|.*/hosted/|.*/fake\.py"
)
_LINKEDIN = re.compile(r"""Platform\.LINKEDIN|["']linkedin["']""")


def test_a_platform_comes_from_its_account() -> None:
    """INVARIANT: only adapters, fakes, the word list and LinkedIn's own module name it."""
    found = [
        named(path)
        for path in python_files()
        if path.parts[len(ROOT.parts)] in {"services", "shared"}
        and not _NAMES_LINKEDIN.match(named(path))
        and _LINKEDIN.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
