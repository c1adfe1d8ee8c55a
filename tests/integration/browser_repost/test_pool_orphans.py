"""What a browser leaves behind that dies while it starts: nobody knows its session yet."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from chorus.testing import eventually
from chorus_browser_repost.pool import processes

LEADER = """
import os, time
child = os.fork()
if child:
    print(child, flush=True)
# Who reads must not wait for the child to let go of its end.
os.close(1)
time.sleep(60)
"""


@pytest.fixture
async def adopting() -> AsyncIterator[None]:
    """This process adopts orphans, as a service does that has a pool."""
    processes.adopt_orphans()
    yield
    processes.adopt_orphans(wanted=False)


async def _leader() -> tuple[asyncio.subprocess.Process, int]:
    """A process that leads a session, and its child."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEADER, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert made.stdout is not None
    return made, int(await made.stdout.readline())


@pytest.mark.usefixtures("adopting")
@pytest.mark.parametrize("killed", [False, True])
async def test_nothing_stays_of_a_browser_that_died_while_it_started(killed: bool) -> None:
    """Finding D17: INVARIANT: no orphan runs on, and none stays defunct."""
    leader, child = await _leader()
    leader.kill()
    await leader.wait()
    await eventually(lambda: _parent(child) == os.getpid())
    if killed:
        os.kill(child, signal.SIGKILL)

    await asyncio.to_thread(processes.end_orphans)

    assert processes.process_of(child) is None


@pytest.mark.usefixtures("adopting")
async def test_a_browser_that_lives_is_left_alone() -> None:
    """Finding D17: another browser's processes, and our own, are not orphans."""
    leader, child = await _leader()
    own = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")

    await asyncio.to_thread(processes.end_orphans)

    assert processes.running(child)
    assert processes.running(own.pid)
    own.kill()
    os.killpg(leader.pid, signal.SIGKILL)
    await asyncio.gather(own.wait(), leader.wait())
    await asyncio.to_thread(processes.end_orphans)


def _parent(pid: int) -> int | None:
    found = processes.process_of(pid)
    return None if found is None else found.parent
