"""The live view, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from chorus_gateway.api.context import Reader
from chorus_gateway.live import LiveView, shown

router: Final = APIRouter(prefix="/events", tags=["live view"])

_BEAT: Final = 15.0
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events of this team as they happen, until the client goes.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("", summary="Follow what happens", response_class=StreamingResponse, responses=_STREAM)
async def follow(caller: Reader) -> StreamingResponse:
    """`activity.scheduled` and `activity.executed` of this team; a comment line when it is quiet.

    Events that a slow client lost are counted in an event `lost`: read the list again then.
    """
    stream = _lines(caller.gateway.live, caller.principal.client_id)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def _lines(live: LiveView, client_id: UUID) -> AsyncIterator[bytes]:
    async with live.open(client_id) as view:
        yield b": open\n\n"
        told = 0
        while not view.ended:
            event = await view.next(within=_BEAT)
            if view.lost > told:
                yield _line("lost", {"lost": view.lost - told})
                told = view.lost
            yield b": beat\n\n" if event is None else _line(event.topic, shown(event))


def _line(name: str, document: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(document) + b"\n\n"
