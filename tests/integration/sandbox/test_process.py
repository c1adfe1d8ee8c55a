"""`python -m chorus_sandbox` as others start it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chorus_sandbox.server import SandboxServer
from tests.integration.sandbox.driver import fresh_driver


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The process and its address, once its ready file stands."""
    ready = folder / "ready.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chorus_sandbox",
        "--ready-file",
        str(ready),
        "--truth-file",
        str(folder / "truth.jsonl"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            line = await process.stdout.readline()
        announced = json.loads(ready.read_text())
        assert announced["pid"] == process.pid
        assert announced["url"] in line.decode()
        assert announced["linkedin_url"] == f"http://www.linkedin.localhost:{announced['port']}"
        yield process, announced["url"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_killed_sandbox_has_not_lost_the_truth(tmp_path: Path) -> None:
    """INVARIANT: each effect is in the truth file before it is answered (E5)."""
    async with (
        running(tmp_path) as (process, url),
        httpx.AsyncClient(base_url=url, timeout=10) as client,
    ):
        driver = await fresh_driver(client)
        post = await driver.post()
        for name in ("ada", "bob"):
            assert (await driver.like(name, post)).status_code == 201
        process.kill()
        await process.wait()
    lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    effects = [line for line in lines if "seq" in line]
    assert [(line["seq"], line["account_id"]) for line in effects] == [(1, "ada"), (2, "bob")]


async def test_it_ends_on_sigterm(tmp_path: Path) -> None:
    async with running(tmp_path) as (process, url):
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            assert (await client.get("/healthz")).status_code == 200
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0


async def test_a_taken_port_is_an_error() -> None:
    async with SandboxServer() as first:
        second = SandboxServer(first.port)
        with pytest.raises(OSError, match="in use"):
            await second.start()
        await second.stop()


async def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    """K2: in a container it must be reachable from others; anywhere else it must not be."""
    async with SandboxServer(host="") as everywhere, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.2:{everywhere.port}/healthz")
        assert answer.status_code == 200
        assert (await client.get(f"{everywhere.url}/healthz")).status_code == 200
    async with SandboxServer() as here, httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.2:{here.port}/healthz")
