"""A small site and a real pool on it, for the tests of the pool."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, async_playwright
from prometheus_client import CollectorRegistry

from chorus.telemetry.metrics import BrowserMetrics
from chorus_browser_repost.pool import (
    BrowserPool,
    BrowserPoolSettings,
    ContextOptions,
    chromium,
    processes,
)
from chorus_browser_repost.pool.browser import PooledBrowser

PAGE = """<!doctype html><title>Page</title>
<style>@font-face { font-family: F; src: url(/f.woff2) } body { font-family: F }
div { background-image: url(/back.png) }</style>
<div>Text</div><img src="/picture.png"><video src="/clip.mp4" preload="auto" muted autoplay></video>
<audio src="/sound.mp3" preload="auto"></audio><script src="/px/insight.js"></script>
<script>document.cookie = 'left=behind'; localStorage.setItem('left', 'behind');
fetch('/ready')</script>"""


class Site:
    """Serves PAGE on every path; `requests` are all that came, `/stuck` is never answered.

    `connections` are those on which each path was asked for, by the client's port.
    """

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.connections: dict[str, int] = {}
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if request.transport is not None:
            self.connections[request.path] = request.transport.get_extra_info("peername")[1]
        if request.path == "/stuck":
            await asyncio.Event().wait()
        return web.Response(text=PAGE, content_type="text/html")


@asynccontextmanager
async def a_site() -> AsyncIterator[Site]:
    site = Site()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.port = runner.addresses[0][1]
    yield site
    await runner.cleanup()


class Harness:
    """A running pool with its numbers. Its folder has a short path, for Chromium's sockets."""

    def __init__(self, pool: BrowserPool, registry: CollectorRegistry, folder: Path) -> None:
        self.pool = pool
        self.folder = folder
        self._registry = registry

    @property
    def soon(self) -> float:
        return self.within(20)

    def within(self, seconds: float) -> float:
        """A deadline."""
        return asyncio.get_running_loop().time() + seconds

    def counted(self, name: str, **labels: str) -> float:
        return self._registry.get_sample_value(f"chorus_browser_{name}", labels) or 0

    @property
    def only(self) -> PooledBrowser:
        (browser,) = self.pool.browsers
        return browser


@asynccontextmanager
async def a_pool(**settings: object) -> AsyncIterator[Harness]:
    """Checks at its end that nothing is left: no process, no defunct child, no file."""
    registry = CollectorRegistry()
    with tempfile.TemporaryDirectory(prefix="pool-") as folder:
        given = {"browsers": 1, "reachable_hosts": ("127.0.0.1",), "drain_seconds": 5.0} | settings
        pool = BrowserPool(
            BrowserPoolSettings.model_validate({"folder": folder, **given}),
            counting=BrowserMetrics(registry),
        )
        await pool.start()
        keeping = asyncio.create_task(pool.run())
        seen: set[int] = set()
        try:
            harness = Harness(pool, registry, Path(folder))
            yield harness
        finally:
            for browser in pool.browsers:
                seen |= browser.sessions
            await pool.stop()
        await keeping
        assert [found for found in processes.of_sessions(seen) if not elsewhere(found)] == []
        assert contents(folder) == []


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """One Chromium without a pool, started as the pool starts it."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium.find(None),
            args=list(chromium.FLAGS),
            chromium_sandbox=chromium.may_use_sandbox(),
        )
        yield started
        await started.close()


def of_a_member(site: Site) -> ContextOptions:
    """What a session makes of a context."""
    return ContextOptions(
        user_agent="Agent/1.0",
        headers={"x-extra": "yes"},
        cookies=[{"name": "li_at", "value": "v", "url": site.address, "httpOnly": True}],
    )


def contents(folder: Path | str) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in Path(folder).iterdir())


def environment_of(pid: int) -> bytes:
    """What a process was given."""
    return Path(f"/proc/{pid}/environ").read_bytes()


def elsewhere(process: processes.Process) -> bool:
    """Defunct, and not ours to reap."""
    return process.defunct and process.parent != os.getpid()


def renderers(browser: PooledBrowser) -> list[int]:
    """The processes in which its pages are."""
    return [
        process.pid
        for process in processes.of_sessions(browser.sessions)
        if b"--type=renderer" in _command_line(process.pid)
    ]


def chromium_of(browser: PooledBrowser) -> int:
    """Its main process."""
    (pid,) = (
        process.pid
        for process in processes.of_sessions(browser.sessions)
        if b"--remote-debugging-pipe" in _command_line(process.pid)
        and b"--type=" not in _command_line(process.pid)
    )
    return pid


def driver_of(browser: PooledBrowser) -> int:
    (pid,) = (
        process.pid
        for process in processes.of_sessions(browser.sessions)
        if b"run-driver" in _command_line(process.pid)
    )
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def until(condition: Callable[[], bool], what: str, *, within_s: float = 15.0) -> None:
    """Return as soon as the condition holds; AssertionError after the bound."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        assert loop.time() < deadline, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(0.02)


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
