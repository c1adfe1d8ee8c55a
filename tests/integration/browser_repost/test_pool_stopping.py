"""How the pool goes down: by itself, with a signal to all around it, and with its process."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chorus_browser_repost.pool import (
    BrowserLost,
    BrowserPool,
    BrowserPoolSettings,
    ContextOptions,
    PoolStopping,
    folders,
    processes,
)
from tests.integration.browser_repost.pool_harness import (
    Site,
    a_pool,
    contents,
    until,
)

PLAIN = ContextOptions()


async def test_stop_lets_jobs_end_and_takes_no_more(site: Site) -> None:
    """Jobs under way end; who waits or comes is told that nothing was begun."""
    async with a_pool(slots=1) as harness:
        stopping: asyncio.Task[None]
        async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
            waiting = asyncio.create_task(
                harness.pool.context(PLAIN, deadline=harness.soon).__aenter__()
            )
            await until(lambda: harness.counted("waiting_jobs") == 1, "one waits")
            stopping = asyncio.create_task(harness.pool.stop())
            with pytest.raises(PoolStopping):
                await waiting
            with pytest.raises(PoolStopping):
                async with harness.pool.context(PLAIN, deadline=harness.soon):
                    raise AssertionError
            await opened.page.goto(site.address)
        await stopping
        assert harness.pool.browsers == ()


async def test_what_does_not_end_within_the_bound_is_cut_off(site: Site) -> None:
    """The drain is bounded; a job that is cut off is told so."""
    async with a_pool(drain_seconds=0.3) as harness:

        async def job() -> None:
            async with harness.pool.context(PLAIN, deadline=harness.soon) as opened:
                await opened.page.goto(f"{site.address}/stuck")

        running = asyncio.create_task(job())
        await until(lambda: "/stuck" in site.paths, "the job is under way")
        await harness.pool.stop()
        with pytest.raises(BrowserLost):
            await running


async def test_no_defunct_child_stays() -> None:
    """A browser leaves children when it exits; they are reaped here, where PID 1 would not."""
    async with a_pool():
        pass
    assert [p for p in processes.everything() if p.defunct and p.parent == os.getpid()] == []


PROGRAM = """
import asyncio, json, signal, sys
from chorus_browser_repost.pool import BrowserPool, BrowserPoolSettings, ContextOptions

async def main(folder, address):
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    settings = BrowserPoolSettings(folder=folder, browsers=1, reachable_hosts=["127.0.0.1"])
    pool = BrowserPool(settings)
    await pool.start()
    deadline = asyncio.get_running_loop().time() + 20
    async with pool.context(ContextOptions(), deadline=deadline) as opened:
        await opened.page.goto(address)
        print(json.dumps([sorted(browser.sessions) for browser in pool.browsers]), flush=True)
        await end.wait()
        await opened.page.goto(address + "/after")
    await pool.stop()
    print("stopped", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


class Program:
    """PROGRAM in a process group of its own, with a job under way."""

    def __init__(self, process: asyncio.subprocess.Process, sessions: set[int]) -> None:
        self.process = process
        self.sessions = sessions

    def left(self) -> list[processes.Process]:
        """What still runs. Defunct ones wait for whoever inherits from a killed process."""
        return [found for found in processes.of_sessions(self.sessions) if not found.defunct]


@asynccontextmanager
async def a_program(folder: Path, site: Site) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(folder),
        site.address,
        stdout=asyncio.subprocess.PIPE,
        process_group=0,
    )
    try:
        yield Program(process, await _sessions(process))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _sessions(process: asyncio.subprocess.Process) -> set[int]:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while line := await process.stdout.readline():
            if line.startswith(b"[["):
                return set(json.loads(line)[0])
    raise AssertionError("the program ended early")


async def test_a_signal_to_the_group_does_not_reach_the_browser(site: Site) -> None:
    """SIGTERM or Ctrl-C to the whole group: the job under way still finishes."""
    with tempfile.TemporaryDirectory(prefix="pool-") as folder:
        async with a_program(Path(folder), site) as program:
            os.killpg(program.process.pid, signal.SIGTERM)
            assert program.process.stdout is not None
            async with asyncio.timeout(30):
                said = await program.process.stdout.read()
            assert b"stopped" in said
            assert await program.process.wait() == 0
        assert "/after" in site.paths
        assert program.left() == []
        assert contents(folder) == []


async def test_nothing_survives_our_own_sudden_death(site: Site) -> None:
    """INVARIANT: after SIGKILL no browser and no driver runs on, and the next start tidies up."""
    with tempfile.TemporaryDirectory(prefix="pool-") as folder:
        async with a_program(Path(folder), site) as program:
            program.process.kill()
            await until(lambda: program.left() == [], "driver and browser have ended")
        assert len(contents(folder)) == 1

        pool = BrowserPool(BrowserPoolSettings(folder=Path(folder), browsers=1))
        await pool.start()
        assert len(contents(folder)) == 1
        await pool.stop()
        assert contents(folder) == []


async def test_a_living_neighbours_folder_is_left_alone(tmp_path: Path) -> None:
    """INVARIANT: only folders of processes that have died are removed."""
    living = folders.ProcessFolder.make(tmp_path)
    (tmp_path / "chorus-browsers-dead").mkdir()
    (tmp_path / "chorus-browsers-dead/lock").touch()
    (tmp_path / "chorus-browsers-dead/profile").touch()
    (tmp_path / "something-else").mkdir()

    assert folders.sweep(tmp_path) == 1

    assert contents(tmp_path) == [living.path.name, "something-else"]
    living.remove()
