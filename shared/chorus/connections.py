"""Connections, bounded: uvicorn holds a half-sent request for ever, reads headers of any size, and
waits without end for a client that does not read. None of it can be set there, so it is done here,
where bytes arrive.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_log = structlog.get_logger(__name__)

_TOLD: Final = {
    408: ("Request Timeout", "request_timeout", "The request did not come in time."),
    431: ("Request Header Fields Too Large", "headers_too_large", "The headers are too large."),
    503: ("Service Unavailable", "unavailable", "Too many connections. Try again shortly."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """Times are seconds."""

    connections: int = 2_000
    """Beyond it the one that has waited longest with an unfinished request makes room."""
    head_size: int = 32 * 1024
    head_seconds: float = 10.0
    """From the connection, or the first byte of a further request, to the end of its headers."""
    rest_seconds: float = 2.0
    """How long what is left of a body that was answered already is read and thrown away."""
    write_seconds: float = 30.0
    """A client that takes nothing for so long is let go."""
    unread_size: int = 32 * 1024 * 1024
    """Of all answers that are made and not taken. Beyond it the slowest client is let go."""
    pipelined: int = 16


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 of uvicorn within `bounds`."""

    bounds: ClassVar[ConnectionBounds] = ConnectionBounds()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, if there is room."""
        super().connection_made(transport)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._head: int | None = 0
        self.since = self.unread_since = self.loop.time()
        if len(self.connections) > self.bounds.connections and not self._make_room():
            self._refuse(503)
            return
        self._start("head", self.bounds.head_seconds, 408)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and count what belongs to no complete head yet."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > self.bounds.head_size:
                self._refuse(431)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0
            self.since = self.loop.time()
            self._start("head", self.bounds.head_seconds, 408)

    def on_headers_complete(self) -> None:
        """A request has begun."""
        self._head = None
        self._cancel("head")
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if lines + len(self.url) > self.bounds.head_size:
            self._refuse(431)
            return
        if len(self.pipeline) >= self.bounds.pipelined:
            self.let_go("pipelined")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body; of a request that was refused there is nobody to have it."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The same at its end."""
        self._cancel("rest")
        if not self.transport.is_closing():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered. What is left of its body is read for a moment, so that the answer is heard."""
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing():
            self._start("rest", self.bounds.rest_seconds, None)

    def pause_writing(self) -> None:
        """The client is slower than we are."""
        super().pause_writing()
        self.unread_since = self.loop.time()
        self._start("write", self.bounds.write_seconds, None)
        self._let_slowest_go()

    def resume_writing(self) -> None:
        """It has taken what we had."""
        super().resume_writing()
        self._cancel("write")

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        for name in list(self._timers):
            self._cancel(name)
        super().connection_lost(exc)

    @property
    def unfinished(self) -> bool:
        """Whether it holds a place and nothing is being done for it."""
        if self._head is not None or self._idle():
            return True
        return bool(self.cycle.more_body and not self.cycle.response_started)

    @property
    def takes_nothing(self) -> bool:
        """Whether an answer waits for its client."""
        return "write" in self._timers and not self.transport.is_closing()

    @property
    def unread(self) -> int:
        """How many bytes of answers wait for its client."""
        return int(self.transport.get_write_buffer_size())

    def _idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return not cycle or (cycle.response_complete and not self.pipeline)

    def _let_slowest_go(self) -> None:
        slow = sorted(
            (one for one in self.connections if isinstance(one, BoundedHttp) and one.takes_nothing),
            key=lambda one: one.unread_since,
        )
        unread = sum(one.unread for one in slow)
        # The last to come stays: it has had no time yet.
        for one in slow[:-1]:
            if unread <= self.bounds.unread_size:
                return
            unread -= one.unread
            one.let_go("unread")

    def _make_room(self) -> bool:
        others: list[Any] = [one for one in self.connections if one is not self]
        waiting = [one for one in others if isinstance(one, BoundedHttp) and one.unfinished]
        oldest = min(waiting, key=lambda one: one.since, default=None)
        if oldest is not None:
            oldest.let_go("made_room")
        return oldest is not None

    def _start(self, name: str, seconds: float, status: int | None) -> None:
        self._cancel(name)
        self._timers[name] = self.loop.call_later(seconds, self._timed_out, name, status)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _timed_out(self, name: str, status: int | None) -> None:
        self._timers.pop(name, None)
        # Who sent nothing is told nothing.
        if status is None or not self._head:
            self.let_go(name)
        else:
            self._refuse(status)

    def _refuse(self, status: int) -> None:
        if not self._idle():
            # An answer is on its way; nothing may be put between its parts.
            self.let_go(f"refused_{status}")
            return
        title, code, detail = _TOLD[status]
        body = orjson.dumps(
            {
                "type": f"urn:chorus:problem:{code}",
                "title": title,
                "status": status,
                "detail": detail,
                "code": code,
            }
        )
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
            b"x-content-type-options: nosniff\r\ncache-control: no-store\r\n"
            b"content-length: %d\r\n\r\n%b" % (status, title.encode(), len(body), body)
        )
        _log.info("http.connection_refused", status=status)
        self.transport.close()

    def let_go(self, why: str) -> None:
        """Break it off."""
        _log.info("http.connection_let_go", why=why)
        self.transport.abort()


def bounded(bounds: ConnectionBounds) -> type[BoundedHttp]:
    """The protocol with these bounds, as uvicorn takes it."""
    return type("BoundedHttp", (BoundedHttp,), {"bounds": bounds})
