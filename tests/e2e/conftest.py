"""One stack for all end-to-end tests; each test has a team of its own in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_lab.stack import Stack
from tests.e2e.team import Team, make_team


@pytest.fixture(scope="session")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files of every service."""
    return tmp_path_factory.mktemp("tmp")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Stack]:
    """Everything, as processes. A process that dies by itself fails the run."""
    settings = {
        "*": {"CHORUS_LOG_LEVEL": "DEBUG", "TMPDIR": str(temporary)},
        "scheduler": {"CHORUS_BROWSER_PER_MINUTE": "600", "CHORUS_BROWSER_AT_ONCE": "10"},
        "browser-repost": {"CHORUS_PAGE_ANSWER_SECONDS": "4"},
    }
    with Stack(tmp_path_factory.mktemp("e2e"), fast_postgres=True, settings=settings) as stack:
        yield stack


@pytest.fixture
def team(stack: Stack) -> Iterator[Team]:
    """A tenant with an author and four others in a pod that acts within seconds."""
    team = make_team(stack, members=5)
    yield team
    team.close()
    stack.check()
