"""The live view, as server-sent events."""

import time
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import psycopg
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from chorus.errors import DependencyUnavailable
from chorus_gateway.api.context import Reader
from chorus_gateway.api.problems import documented
from chorus_gateway.caller import Caller
from chorus_gateway.domain.roles import Permission
from chorus_gateway.identity.access_tokens import NotSignedIn
from chorus_gateway.live.view import TooManyViews, View, shown

router: Final = APIRouter(prefix="/events", tags=["live view"])

ASK_EVERY: Final = 5.0
_BEAT: Final = 15.0
_UNCONFIRMED: Final = 30.0
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events of this team as they happen, until the client goes.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "",
    summary="Follow what happens",
    response_class=StreamingResponse,
    responses={**_STREAM, **documented("too_many_views", "too_many_requests")},
)
async def follow(request: Request, caller: Reader) -> StreamingResponse:
    """`activity.scheduled` and `activity.executed` of this team; a comment line when it is quiet.

    Events that a slow client lost are counted in an event `lost`: read the list again then. The
    view ends with the right to see: when the token expires, the session ends, the person leaves.
    """
    caller.gateway.live.require_room(caller.principal.user_id)
    sight = Sight(caller, request.headers.get("authorization"))
    return StreamingResponse(
        _lines(sight), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


class Sight:
    """The right to see, asked again and again."""

    def __init__(self, caller: Caller, authorization: str | None) -> None:
        self.caller = caller
        self._authorization = authorization
        self._confirmed = self._asked = time.monotonic()

    @property
    def due_in(self) -> float:
        """Seconds until it is to be asked again; 0 where it is time."""
        return max(0.0, self._asked + ASK_EVERY - time.monotonic())

    async def goes_on(self) -> bool:
        """Whether the view goes on. A database that is away is borne for a while."""
        self._asked = time.monotonic()
        try:
            principal = await self.caller.gateway.authenticator.principal(self._authorization)
        except NotSignedIn:
            return False
        except (DependencyUnavailable, psycopg.Error):
            return self._asked - self._confirmed < _UNCONFIRMED
        self._confirmed = self._asked
        was = self.caller.principal
        same = (principal.client_id, principal.user_id) == (was.client_id, was.user_id)
        return same and principal.may(Permission.READ)


async def _lines(sight: Sight) -> AsyncIterator[bytes]:
    principal = sight.caller.principal
    try:
        async with sight.caller.gateway.live.open(principal.client_id, principal.user_id) as view:
            yield b": open\n\n"
            async for line in _told(view, sight):
                yield line
    except TooManyViews:
        yield _line("ended", {"reason": "too_many_views"})


async def _told(view: View, sight: Sight) -> AsyncIterator[bytes]:
    told, said = 0, time.monotonic()
    while not view.ended:
        if sight.due_in == 0.0 and not await sight.goes_on():
            yield _line("ended", {"reason": "not_signed_in"})
            return
        event = await view.next(within=min(_BEAT, sight.due_in))
        if view.lost > told:
            yield _line("lost", {"lost": view.lost - told})
            told = view.lost
        if event is not None:
            yield _line(event.topic, shown(event))
        elif time.monotonic() - said < _BEAT:
            continue
        else:
            yield b": beat\n\n"
        said = time.monotonic()


def _line(name: str, document: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(document) + b"\n\n"
