"""One stack for all tests of chaos; each leaves it whole, and judges its own tenants."""

import os
import random
from collections.abc import Iterator

import pytest

from chorus_lab.stack import Stack
from tests.chaos.disturbing import Say
from tests.chaos.harness import make_stack
from tests.chaos.storm import Run


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Say:
    """Writes a line that is seen even when the test passes."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")

    def write(text: str) -> None:
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(text)

    return write


@pytest.fixture
def seed() -> int:
    """Of this run: drawn, or the one of a run that is to be repeated."""
    return int(os.environ.get("CHORUS_CHAOS_SEED") or random.randrange(10**6))


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two schedulers, two executors, a durable Postgres, one broker."""
    with make_stack(tmp_path_factory.mktemp("chaos")) as stack:
        yield stack


@pytest.fixture
def run(stack: Stack, seed: int, say: Say) -> Iterator[Run]:
    """Has no workload yet. Faults and hold points that a test left behind are removed."""
    run = Run(stack, seed=seed, say=say)
    yield run
    run.sandbox.clear_faults()
    run.sandbox.close()
