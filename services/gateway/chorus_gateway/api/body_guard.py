"""Refuses bodies that are too large, too slow, too deep, or of another kind; what is whole gets a
slot.
"""

from contextlib import ExitStack
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chorus import bodies
from chorus.bodies import BodyBounds
from chorus_gateway.api.bulkheads import Admitted
from chorus_gateway.problems import Problem

BOUNDS: Final = BodyBounds()
_CSV: Final = "text/csv"
_SEND_FILE: Final = "Send the file as it is, with `Content-Type: text/csv`."
_CLOSE: Final = {"Connection": "close"}


class BodyGuard:
    """ASGI middleware behind `Admission`. It holds the whole body, which is at most 1 MiB."""

    def __init__(self, app: ASGIApp, bounds: BodyBounds = BOUNDS) -> None:
        self._app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        admitted: Admitted = scope["admitted"]
        try:
            body = await admitted.bulkhead.bodies.read(
                scope, receive, self._bounds, admitted.holder
            )
            if body:
                self._check(scope, body)
        except bodies.ClientGone:
            return
        except bodies.BodyRefused as refused:
            await problem_of(refused).response()(scope, receive, send)
            return
        await self._answer(scope, bodies.replay(body, receive), send)

    def _check(self, scope: Scope, body: bytes) -> None:
        kind = bodies.header(scope, b"content-type").partition(b";")[0].strip()
        operation = scope.get("operation")
        if operation is not None and _CSV in operation.reads:
            # A file: whoever reads it bounds its rows, columns and cells.
            if kind != _CSV.encode():
                raise NotCsv("Nothing but CSV is read here.")
            return
        # Nothing else is ever read here; whatever calls itself otherwise would pass unseen.
        if kind != b"application/json" and not kind.endswith(b"+json"):
            raise NotJson("Nothing but JSON is read here.")
        bodies.examine(body, self._bounds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """In a slot, until the answer begins: who reads it slowly holds none."""
        admitted: Admitted = scope["admitted"]
        with ExitStack() as slot:
            try:
                # Open views are counted where they are opened.
                if not scope["operation"].streams:
                    slot.enter_context(admitted.bulkhead.slots.taking(admitted.holder))
            except Problem as problem:
                await problem.response()(scope, receive, send)
                return

            async def answering(message: Message) -> None:
                slot.close()
                await send(message)

            await self._app(scope, receive, answering)


class NotCsv(bodies.BodyRefused):
    """A file is read here, and the body says that it is something else."""


class NotJson(bodies.BodyRefused):
    """The body says that it is something else."""


def problem_of(refused: bodies.BodyRefused) -> Problem:
    """What is wrong with a body, for its client."""
    match refused:
        case bodies.BodyTooLarge():
            return Problem("body_too_large", headers=_CLOSE)
        case bodies.BodyTooSlow():
            return Problem("body_too_slow", headers=_CLOSE)
        case bodies.BodyMalformed():
            return Problem("malformed_request")
        case NotCsv():
            return Problem("unsupported_media_type", _SEND_FILE)
        case NotJson():
            return Problem("unsupported_media_type")
    error = {"pointer": refused.pointer, "detail": str(refused)}
    return Problem("invalid_request", errors=[error])
