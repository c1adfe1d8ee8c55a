"""What is seen of each request: a trace, an id, a line of log, metrics; security headers."""

import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chorus.ids import new_id
from chorus.telemetry import tracing
from chorus.telemetry.metrics import GatewayMetrics
from chorus_gateway.api.error_handlers import as_problem
from chorus_gateway.connecting.site import PREFIX as CONNECT
from chorus_gateway.domain.addresses import Network, client_address
from chorus_gateway.hooks.site import PREFIX as HOOKS
from chorus_gateway.member_pages.paths import JOIN

_log = structlog.get_logger("chorus_gateway.access")

_SECURITY: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_UNKNOWN: Final = "(no route)"


class Observation:
    """ASGI middleware, the outermost one."""

    def __init__(
        self, app: ASGIApp, metrics: GatewayMetrics, trusted: Sequence[Network] = ()
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["client"] = (self._address(scope), 0)
        traceparent = tracing.child_of(headers.get(b"traceparent", b"").decode("latin-1"))
        request_id = _request_id(headers)
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, traceparent, request_id)
            await send(message)

        token = tracing.current.set(traceparent)
        began = time.perf_counter()
        try:
            await self._app(scope, receive, observed)
        except Exception as error:
            if status:
                raise
            await as_problem(error).response()(scope, receive, observed)
        finally:
            tracing.current.reset(token)
            # 499: the client left before there was an answer.
            self._note(scope, status or 499, time.perf_counter() - began, request_id, traceparent)

    def _address(self, scope: Scope) -> str:
        client = scope.get("client")
        forwarded = ",".join(
            value.decode("latin-1")
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
        )
        return client_address(str(client[0]) if client else None, forwarded, self._trusted)

    def _note(
        self, scope: Scope, status: int, seconds: float, request_id: str, traceparent: str
    ) -> None:
        route = _route(scope)
        method = scope["method"] if route != _UNKNOWN else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)
        _log.info(
            "http.request_answered",
            method=scope["method"],
            route=route,
            path=_shown(scope["path"])[:500],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            request_id=request_id,
            trace_id=tracing.trace_id(traceparent),
            address=scope["client"][0],
            **_caller(scope),
        )


def _shown(path: str) -> str:
    """A path as it may stand in a log: without the secret of a hook, or the token of a page.

    What stands before it may be the path of the public address, which a proxy has left on.
    """
    for prefix in (HOOKS, CONNECT, JOIN):
        before, secret, _ = path.partition(prefix)
        if secret:
            return f"{before}{prefix}…"
    return path


def _add_headers(message: Message, traceparent: str, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = request_id
    headers["traceparent"] = traceparent


def _request_id(headers: dict[bytes, bytes]) -> str:
    """The caller's, where it is a UUID: anything else could forge lines of log."""
    try:
        return str(UUID(headers.get(b"x-request-id", b"").decode("ascii")))
    except ValueError:
        return str(new_id())


def _route(scope: Scope) -> str:
    """The template of the address, as the document has it."""
    operation = scope.get("operation")
    return str(operation.path) if operation else _UNKNOWN


def _caller(scope: Scope) -> dict[str, Any]:
    caller = scope.get("state", {}).get("principal")
    return {"client_id": str(caller.client_id), "actor": caller.actor} if caller else {}
