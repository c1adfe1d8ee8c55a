"""Refuses bodies that are too large, too deep, or hold what no text column can."""

from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chorus_gateway.api.problems import Problem

MAX_BODY: Final = 1024 * 1024
MAX_DEPTH: Final = 32


class BodyGuard:
    """ASGI middleware. It holds the whole body, which is at most 1 MiB, and passes it on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_query(scope)
            body = await _read(scope, receive)
            if body:
                _check_body(scope, body)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _read(scope: Scope, receive: Receive) -> bytes:
    length = _header(scope, b"content-length")
    if length.isdigit() and int(length[:12]) > MAX_BODY:
        raise Problem("body_too_large")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise Problem("body_too_large")
        if not message.get("more_body"):
            return b"".join(parts)


def _check_body(scope: Scope, body: bytes) -> None:
    if b"json" not in _header(scope, b"content-type"):
        return
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Bad UTF-8 and lone surrogates too, which Python's own reader lets through.
        raise Problem("malformed_request") from None
    _walk(document, "/body", 0)


def _walk(node: Any, pointer: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _invalid(pointer, f"It is nested more than {MAX_DEPTH} deep.")
    if isinstance(node, str):
        if "\0" in node:
            raise _invalid(pointer, "A text must not hold the NUL character.")
    elif isinstance(node, dict):
        for name, value in node.items():
            _walk(name, pointer, depth)
            _walk(value, f"{pointer}/{name[:100]}", depth + 1)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _walk(value, f"{pointer}/{index}", depth + 1)


def _check_query(scope: Scope) -> None:
    if b"%00" in scope.get("query_string", b"") or "\0" in scope["path"]:
        raise _invalid("/query", "A text must not hold the NUL character.")


def _invalid(pointer: str, detail: str) -> Problem:
    return Problem("invalid_request", errors=[{"pointer": pointer, "detail": detail}])


def _header(scope: Scope, name: bytes) -> bytes:
    return next((bytes(value).lower() for key, value in scope["headers"] if key == name), b"")


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
