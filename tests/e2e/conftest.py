"""One stack for all end-to-end tests; each test has a team of its own in it."""

from collections.abc import Iterator

import pytest

from chorus_sandbox.stack import Stack
from tests.e2e.team import Team, make_team


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything, as processes. A process that dies by itself fails the run."""
    with Stack(tmp_path_factory.mktemp("e2e"), fast_postgres=True) as stack:
        yield stack


@pytest.fixture
def team(stack: Stack) -> Iterator[Team]:
    """A tenant with an author and four others in a pod that acts within seconds."""
    team = make_team(stack, members=5)
    yield team
    team.close()
    stack.check()
