"""Bodies of requests, read within bounds: how much, how long, how many values."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope

from chorus.errors import ChorusError


class BodyRefused(ChorusError):
    """The body is not read or not looked into. `pointer` names the place, where there is one."""

    def __init__(self, reason: str, pointer: str = "/body") -> None:
        super().__init__(reason)
        self.pointer = pointer


class BodyTooLarge(BodyRefused):
    """It has more bytes than are read."""


class BodyTooSlow(BodyRefused):
    """It did not come within the time for it."""


class BodyMalformed(BodyRefused):
    """It is no JSON document."""


class BodyTooComplex(BodyRefused):
    """It is nested too deep, or holds too many values, or what no text column can."""


class ClientGone(ChorusError):
    """The client left before its body was whole: nothing is done and nothing answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyBounds:
    """What is taken of one request. What passes these is parsed in some milliseconds."""

    size: int = 1024 * 1024
    seconds: float = 20.0
    values: int = 10_000
    """Of the whole document."""
    items: int = 1_000
    """Of one array or object."""
    depth: int = 32


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of this name in lower case; empty where there is none."""
    return next((bytes(value).lower() for key, value in scope["headers"] if key == name), b"")


async def read(scope: Scope, receive: Receive, bounds: BodyBounds) -> bytes:
    """The whole body, never a part of it. Raises BodyTooLarge, BodyTooSlow or ClientGone."""
    length = header(scope, b"content-length")
    if length.isdigit() and (len(length) > 12 or int(length) > bounds.size):
        raise BodyTooLarge("The body is announced as too large.")
    try:
        async with asyncio.timeout(bounds.seconds):
            return await _read(receive, bounds.size)
    except TimeoutError as error:
        raise BodyTooSlow("The body did not come in time.") from error


async def _read(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone("The client left while it sent its body.")
        body += message.get("body", b"")
        if len(body) > most:
            raise BodyTooLarge("The body is too large.")
        if not message.get("more_body"):
            return bytes(body)


def examine(body: bytes, bounds: BodyBounds) -> None:
    """Look through a JSON document. Raises BodyMalformed or BodyTooComplex.

    Counted before it is parsed: a megabyte of `[0,0,…]` costs a reader half a second.
    """
    if _too_many(body, bounds.values):
        raise BodyTooComplex(f"It holds more than {bounds.values} values.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # Bad UTF-8 and lone surrogates too, which Python's own reader lets through.
        raise BodyMalformed("It is no JSON document.") from error
    _walk(document, "/body", 0, bounds)


def _too_many(body: bytes, most: int) -> bool:
    """Whether it holds more values than that; those signs count that stand outside of strings.

    Each step looks at each byte once, whatever the body: a guard costs less than what it guards.
    """
    quotes = body.count(b'"')
    if quotes <= 4 * most and _values(body) <= most:
        return False
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > 4 * most:
        return True
    return _values(b"".join(plain.split(b'"')[::2])) > most


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _walk(node: Any, pointer: str, depth: int, bounds: BodyBounds) -> None:
    if depth > bounds.depth:
        raise BodyTooComplex(f"It is nested more than {bounds.depth} deep.", pointer)
    if isinstance(node, str):
        if "\0" in node:
            raise BodyTooComplex("A text must not hold the NUL character.", pointer)
        return
    if not isinstance(node, dict | list):
        return
    if len(node) > bounds.items:
        raise BodyTooComplex(f"It holds more than {bounds.items} items.", pointer)
    if isinstance(node, list):
        for index, value in enumerate(node):
            _walk(value, f"{pointer}/{index}", depth + 1, bounds)
        return
    for name, value in node.items():
        _walk(name, pointer, depth, bounds)
        _walk(value, f"{pointer}/{name[:100]}", depth + 1, bounds)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
