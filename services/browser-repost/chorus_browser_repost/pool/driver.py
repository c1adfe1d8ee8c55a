"""Playwright's driver (Node), started so that it outlives the signals that are not meant for it.

Playwright starts its driver in our process group, where Ctrl-C and a group's SIGTERM end it at once
and with it every page. It lets us name the program (PLAYWRIGHT_NODEJS_PATH): we name a script that

- leads a session of its own, so that no signal of ours reaches it. It still ends when we do:
  it reads our commands from a pipe, closes its browser when that ends, and exits;
- keeps our environment from driver and browser: no secret of the service is in it, and none of the
  switches (DEBUG, PWDEBUG) that would make the driver write pages and cookies to stderr;
- has folders of its own for temporary files and for HOME.
"""

import asyncio
import contextlib
import os
import shlex
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

import playwright
from playwright.async_api import Playwright, async_playwright

from chorus.errors import ConfigurationError
from chorus_browser_repost.pool import processes
from chorus_browser_repost.pool.errors import BrowserStartFailed

_NODE: Final = "PLAYWRIGHT_NODEJS_PATH"
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "TZ")
_PID: Final = "driver.pid"
_SHOWS_MESSAGES: Final = "DEBUGP"
_SMALL: Final = "--optimize-for-size --max-semi-space-size=1 --lite-mode"
"""Options of Node. With five jobs at once it has 102 MiB instead of 147, for 5 % more CPU a job."""
_SCRIPT: Final = """\
#!/bin/sh
echo $$ > {pid_file}
exec env -i {environment} setsid {node} {options} "$@" 2> /dev/null
"""
_starting: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
    weakref.WeakKeyDictionary()
)


class Driver:
    """One driver. `pid` is also its session."""

    def __init__(self, playwright_: Playwright, pid: int) -> None:
        self.playwright = playwright_
        self.pid = pid

    @classmethod
    async def start(cls, folder: Path, *, within_seconds: float) -> Self:
        """Start one that keeps its files in `folder`. Raises BrowserStartFailed."""
        failed: str | None = None
        try:
            async with asyncio.timeout(within_seconds), _script_in(folder):
                started = await async_playwright().start()
            return cls(started, int((folder / _PID).read_text()))
        except Exception as error:  # noqa: BLE001 - one that dies at once shows as a bare Exception
            failed = type(error).__name__
        await asyncio.to_thread(_kill, folder / _PID)
        raise BrowserStartFailed(f"Playwright's driver did not start ({failed}).")

    def alive(self) -> bool:
        return processes.running(self.pid)

    async def stop(self) -> None:
        """Ask it to end, and wait. A driver that has died already is waited for as well."""
        await self.playwright.stop()

    async def reaped(self, seconds: float) -> None:
        """Return when asyncio has noticed that it ended, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while processes.process_of(self.pid) is not None:  # noqa: ASYNC110 - nobody announces it
                    await asyncio.sleep(0.005)


def refuse_to_show_messages(environment: Mapping[str, str] = os.environ) -> None:
    """Raises ConfigurationError where Playwright would print every message, cookies included."""
    if _SHOWS_MESSAGES in environment:
        raise ConfigurationError(
            f"{_SHOWS_MESSAGES} is set: Playwright would print cookies; unset it."
        )


def environment_below(folder: Path) -> dict[str, str]:
    """What driver and browser see of an environment."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"PATH": os.defpath, **kept, "HOME": str(folder), "TMPDIR": str(folder)}


def _kill(pid_file: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        pid = int(pid_file.read_text())
        processes.end(processes.sessions_from(pid), besides=pid)


@asynccontextmanager
async def _script_in(folder: Path) -> AsyncIterator[None]:
    """Let Playwright find our script; it looks some turns of the loop later, hence the lock."""
    async with _starting.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        before = os.environ.get(_NODE)
        os.environ[_NODE] = str(_write_script(folder, before))
        try:
            yield
        finally:
            if before is None:
                del os.environ[_NODE]
            else:
                os.environ[_NODE] = before


def _write_script(folder: Path, node: str | None) -> Path:
    bundled = Path(playwright.__file__).parent / "driver" / "node"
    seen = environment_below(folder) | {"PW_LANG_NAME": "python"}
    script = folder / "driver"
    script.write_text(
        _SCRIPT.format(
            pid_file=shlex.quote(str(folder / _PID)),
            environment=" ".join(shlex.quote(f"{name}={value}") for name, value in seen.items()),
            node=shlex.quote(node or str(bundled)),
            options=_SMALL,
        )
    )
    script.chmod(0o700)
    return script
