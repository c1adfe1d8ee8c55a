"""Processes from start to end, as an operator sees them: signals, exit codes, health."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from chorus.testing import eventually

_PROGRAM = """
import asyncio, os, sys
from chorus.telemetry import logs
from chorus.process.service import Service, main
from chorus.errors import ConfigurationError
from chorus.settings import ServiceSettings, load

def say(*words):
    print(*words, flush=True)

class Part:
    def __init__(self, name, dies=False, hangs=False, waits=False):
        self.name, self.dies, self.hangs, self.waits = name, dies, hangs, waits
        self.ended = asyncio.Event()
    async def start(self):
        say("start", self.name)
        if self.waits:
            await asyncio.Event().wait()
    async def run(self):
        if self.dies:
            await asyncio.to_thread(sys.stdin.readline)
            raise RuntimeError("broken")
        await self.ended.wait()
    async def stop(self):
        say("stop", self.name)
        if self.hangs:
            await asyncio.Event().wait()
        self.ended.set()

async def build():
    mode = os.environ["MODE"]
    if mode == "misconfigured":
        raise ConfigurationError("Cannot start: SOME_VARIABLE is not set.")
    service = Service(load(ServiceSettings))
    loop = Part("loop", dies=mode == "dies", hangs=mode == "hangs", waits=mode == "waits")
    for part in (Part("pool"), loop, Part("web")):
        service.add(
            part.name, start=part.start, run=part.run, stop=part.stop, stop_timeout=0.3,
            ready=lambda: mode != "never", alive=lambda: True,
        )
    return service

sys.exit(main(build))
"""


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs the program above."""

    process: asyncio.subprocess.Process
    ready_file: Path

    async def says(self, line: str) -> None:
        """Wait until it has said this."""
        assert self.process.stdout is not None
        async with asyncio.timeout(15):
            while (await self.process.stdout.readline()).decode().strip() != line:
                assert not self.process.stdout.at_eof()

    async def end(self) -> list[str]:
        """Wait for its end and return what it said, without its log."""
        assert self.process.stdout is not None
        async with asyncio.timeout(15):
            said = (await self.process.stdout.read()).decode().splitlines()
            await self.process.wait()
        return [line for line in said if line.split(" ")[0] in {"start", "stop"}]

    def port(self) -> int:
        """Where its health is served; only once it is ready."""
        return int(json.loads(self.ready_file.read_text())["port"])


@asynccontextmanager
async def _child(mode: str, tmp_path: Path) -> AsyncIterator[Child]:
    ready_file = tmp_path / "ready.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"MODE": mode, "CHORUS_SERVICE": "test", "CHORUS_READY_FILE": str(ready_file)},
    )
    try:
        yield Child(process, ready_file)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_parts_in_reverse_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    """What others stand on goes last; exit code 0."""
    async with _child("runs", tmp_path) as child:
        await eventually(child.ready_file.exists)
        child.process.send_signal(number)
        said = await child.end()
        assert child.process.returncode == 0
    assert said == [
        "start pool",
        "start loop",
        "start web",
        "stop web",
        "stop loop",
        "stop pool",
    ]


async def test_a_part_that_dies_takes_the_process_down(tmp_path: Path) -> None:
    """INVARIANT: no process goes on without one of its loops (a dead loop is a dead process)."""
    async with _child("dies", tmp_path) as child:
        await eventually(child.ready_file.exists)
        assert child.process.stdin is not None
        child.process.stdin.write(b"die\n")
        said = await child.end()
        assert child.process.returncode == 1
    assert said[-3:] == ["stop web", "stop loop", "stop pool"]


async def test_a_part_that_does_not_stop_is_left_behind(tmp_path: Path) -> None:
    """Every stop is bounded: the parts below it are still stopped."""
    async with _child("hangs", tmp_path) as child:
        await eventually(child.ready_file.exists)
        child.process.terminate()
        assert (await child.end())[-1] == "stop pool"
        assert child.process.returncode == 0


async def test_a_start_that_waits_is_broken_off_by_a_signal(tmp_path: Path) -> None:
    """What was started is stopped, what was not is left alone; exit code 0."""
    async with _child("waits", tmp_path) as child:
        await child.says("start loop")
        child.process.terminate()
        assert await child.end() == ["stop loop", "stop pool"]
        assert child.process.returncode == 0
    assert not child.ready_file.exists()


async def test_health_can_be_asked_and_the_ready_file_tells_where(tmp_path: Path) -> None:
    """The launcher finds a process by its ready file."""
    async with _child("runs", tmp_path) as child:
        await eventually(child.ready_file.exists)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{child.port()}") as client:
            for path in ("/livez", "/readyz", "/metrics"):
                assert (await client.get(path)).status_code == 200
            process_metrics = (await client.get("/metrics")).text
        assert "chorus_process_info{" in process_metrics
        assert "process_resident_memory_bytes" in process_metrics


async def test_what_is_not_ready_writes_no_ready_file(tmp_path: Path) -> None:
    """And still stops when it is told to."""
    async with _child("never", tmp_path) as child:
        assert child.process.stdout is not None
        async with asyncio.timeout(15):
            while b"start web" not in (line := await child.process.stdout.readline()):
                assert line, "it ended before it had started"
        child.process.terminate()
        await child.end()
        assert child.process.returncode == 0
        assert not child.ready_file.exists()


async def test_a_wrong_setting_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    """No traceback for the operator."""
    async with _child("misconfigured", tmp_path) as child:
        async with asyncio.timeout(15):
            _, complaint = await child.process.communicate()
        assert child.process.returncode == 2
        assert complaint.decode() == "Cannot start: SOME_VARIABLE is not set.\n"
