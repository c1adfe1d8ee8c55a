"""The sandbox on a port, of loopback unless somebody says otherwise."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chorus_sandbox.app import SESSION_KEY, UNIPILE_KEY, VOICE_KEY, SandboxApp
from chorus_sandbox.asgi import ABORT_EXTENSION
from chorus_sandbox.linkedin.routes import HOST as LINKEDIN_HOST
from chorus_sandbox.world.clock import Clock
from chorus_sandbox.world.sandbox import Sandbox

HOST = "127.0.0.1"


class _Protocol(HttpToolsProtocol):
    """Lets the application drop its connection, which ASGI has no message for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT_EXTENSION: {"abort": self.transport.abort}}


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves the signals to whoever owns the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class SandboxServer:
    """`async with SandboxServer() as server: server.url`. Port 0 takes a free one.

    `host` is the address that it listens on; `url` is always the one of this machine. It runs on
    the caller's event loop. Stopping drops the connections that are held.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = HOST,
        clock: Clock | None = None,
        truth_file: Path | None = None,
        unipile_key: str = UNIPILE_KEY,
        voice_key: str = VOICE_KEY,
        session_key: str = SESSION_KEY,
    ) -> None:
        self._app = SandboxApp(
            clock=clock,
            truth_file=truth_file,
            unipile_key=unipile_key,
            voice_key=voice_key,
            session_key=session_key,
        )
        self._wanted = (host, port)
        self._port: int | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def sandbox(self) -> Sandbox:
        """The state behind the server, for callers in the same process."""
        return self._app.sandbox

    @property
    def port(self) -> int:
        if self._port is None:
            raise RuntimeError("The sandbox has not been started.")
        return self._port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def unipile_url(self) -> str:
        return f"{self.url}/unipile/api/v1"

    @property
    def voice_url(self) -> str:
        return f"{self.url}/voice/v1"

    @property
    def linkedin_url(self) -> str:
        """Chromium resolves this host to loopback by itself; other clients may not."""
        return f"http://{LINKEDIN_HOST}:{self.port}"

    @property
    def session_url(self) -> str:
        """Where sessions are fetched, with `{account_id}` to be filled in."""
        return f"{self.url}/sessions/{{account_id}}"

    async def start(self) -> None:
        """Return when it listens. Raises OSError when the port is taken."""
        # Named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms an answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(self._wanted)
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = _Server(self._config())
        self._task = asyncio.create_task(self._server.serve([listener]))
        await self._started(self._server, self._task)

    def _config(self) -> uvicorn.Config:
        # LinkedIn's refusal of robots has a number of its own, which uvicorn does not know.
        STATUS_LINE.setdefault(999, b"HTTP/1.1 999 Request denied\r\n")
        return uvicorn.Config(
            self._app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            proxy_headers=False,  # it is no proxy's upstream, and each request pays for the look
            backlog=4096,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )

    async def _started(self, server: _Server, task: asyncio.Task[None]) -> None:
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait({listening, task}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if task.done():
            await task
            raise RuntimeError("The sandbox stopped before it listened.")

    async def stop(self) -> None:
        if self._server is None or self._task is None:
            return
        await self.sandbox.waiting.close()
        self._server.should_exit = True
        await self._task
        self.sandbox.truth.close()
        self._server = self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
