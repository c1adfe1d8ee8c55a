"""`/livez`, `/readyz` and `/metrics` of a process, beside the service's own app if it has one."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus.connections import ConnectionBounds, bounded
from chorus.errors import ConfigurationError
from chorus.settings import ServiceSettings
from chorus.telemetry import metrics

Checks = Mapping[str, Callable[[], bool]]

_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
_STOP_TIMEOUT = 5.0


def health_app(ready: Checks, alive: Checks) -> Starlette:
    """The three routes. 503 names the checks that fail."""

    async def livez(_: Request) -> Response:
        return _verdict(alive)

    async def readyz(_: Request) -> Response:
        return _verdict(ready)

    async def show_metrics(_: Request) -> Response:
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", show_metrics),
        ]
    )


def beside(app: ASGIApp, health: ASGIApp) -> ASGIApp:
    """An app that answers the health paths by `health` and all else by `app`, its lifespan too."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = health if scope["type"] == "http" and scope["path"] in _PATHS else app
        await chosen(scope, receive, send)

    return route


class HealthServer:
    """Serves HTTP on `settings.health_host` and `health_port`; port 0 lets the machine choose.

    `checks` decide readiness, `alive` liveness: they are called for every question and must not
    block.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        checks: Checks,
        app: ASGIApp | None = None,
        *,
        alive: Checks | None = None,
    ) -> None:
        self._settings = settings
        health = health_app(checks, alive or {})
        self._app: ASGIApp = health if app is None else beside(app, health)
        self._lifespan = app is not None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0
        """The port that is bound; 0 before `start`."""

    async def start(self) -> None:
        """Bind and serve. ConfigurationError when the port is taken."""
        bound = self._bind()
        self.port = bound.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="on" if self._lifespan else "off",
            timeout_graceful_shutdown=int(_STOP_TIMEOUT),
            server_header=False,
            http=bounded(ConnectionBounds(connections=self._settings.max_connections)),
            ws="none",
            # Whom to believe about addresses is the app's to know, and never every neighbour.
            proxy_headers=False,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[bound]), name="http-server")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise ConfigurationError("The HTTP server did not start; the log says why.")
            await asyncio.sleep(0.005)

    async def run(self) -> None:
        """Return when the server has ended, for whatever reason."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Answer what is being answered and close."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await asyncio.wait([self._task], timeout=2 * _STOP_TIMEOUT)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def _bind(self) -> socket.socket:
        host, port = self._settings.health_host, self._settings.health_port
        try:
            return socket.create_server((host, port), backlog=1024)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot listen on {host}:{port}: {error.strerror}."
            ) from error


class _Server(uvicorn.Server):
    """Leaves the signals to the process's own life cycle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _verdict(checks: Checks) -> Response:
    failing = sorted(name for name, check in checks.items() if not check())
    body = {"status": "failing" if failing else "ok", "failing": failing}
    return JSONResponse(body, status_code=503 if failing else 200)
