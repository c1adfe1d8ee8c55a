"""The internal API's guard: the token comes first, and what is read is bounded."""

import hmac
from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chorus import bodies
from chorus.bodies import BodyBounds

BOUNDS: Final = BodyBounds(size=64 * 1024, seconds=5.0, values=1_000, items=100, depth=8)
_CLOSE: Final = {"connection": "close"}


class ApiGuard:
    """ASGI middleware in front of the app. Bodies are held whole, 64 KiB at most."""

    def __init__(self, app: ASGIApp, token: str, bounds: BodyBounds = BOUNDS) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            body = await bodies.read(scope, receive, self._bounds)
            if body:
                bodies.examine(body, self._bounds)
        except bodies.ClientGone:
            return
        except bodies.BodyRefused as refused:
            await _answer(refused)(scope, receive, send)
            return
        await self._app(scope, bodies.replay(body, receive), send)

    def _refusal(self, scope: Scope) -> Response | None:
        given = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
        if not hmac.compare_digest(given, self._expected):
            return problem(401, "not_signed_in", "This API is internal.", headers=_CLOSE)
        if scope.get("query_string"):
            return problem(422, "invalid_request", "Nothing is asked by query here.")
        return None


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Problem details, as the gateway passes them on."""
    body = {"type": f"urn:chorus:problem:{code}", "title": detail, "status": status, "code": code}
    return JSONResponse(
        {**body, "detail": detail, **(extra or {})},
        status,
        headers=headers,
        media_type="application/problem+json",
    )


def _answer(refused: bodies.BodyRefused) -> Response:
    match refused:
        case bodies.BodyTooLarge():
            return problem(413, "body_too_large", str(refused), headers=_CLOSE)
        case bodies.BodyTooSlow():
            return problem(408, "body_too_slow", str(refused), headers=_CLOSE)
    return problem(422, "invalid_request", str(refused))
