"""The live view: facts of the broker, handed to whoever of the same tenant is looking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from chorus.events import Event
from chorus.metrics import GatewayMetrics

_HELD = 500


class LiveView:
    """Passes events on to open views. One that does not keep up loses the oldest, and is told."""

    def __init__(self, metrics: GatewayMetrics) -> None:
        self._metrics = metrics
        self._views: dict[UUID, set[View]] = {}

    def publish(self, client_id: UUID, event: Event) -> None:
        """Hand an event to the open views of its tenant. Does not block."""
        for view in self._views.get(client_id, ()):
            view.put(event)

    @asynccontextmanager
    async def open(self, client_id: UUID) -> AsyncIterator["View"]:
        """A view of one tenant, from now on."""
        view = View()
        self._views.setdefault(client_id, set()).add(view)
        self._metrics.live_clients.inc()
        try:
            yield view
        finally:
            self._metrics.live_clients.dec()
            self._views[client_id].discard(view)
            if not self._views[client_id]:
                del self._views[client_id]

    async def close(self) -> None:
        """End all open views, so that a process that goes down need not wait for them."""
        for views in self._views.values():
            for view in views:
                view.end()

    @property
    def watched(self) -> bool:
        """Whether anybody is looking."""
        return bool(self._views)


class View:
    """One open view."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue(_HELD)
        self._ended = asyncio.Event()
        self.lost = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended.is_set()

    def end(self) -> None:
        """Let whoever looks go."""
        self._ended.set()

    def put(self, event: Event) -> None:
        """Add an event, at the cost of the oldest where there is no room."""
        if self._events.full():
            self._events.get_nowait()
            self.lost += 1
        self._events.put_nowait(event)

    async def next(self, *, within: float) -> Event | None:
        """The next event; None when there was none within so many seconds, or the view ended."""
        getting = asyncio.ensure_future(self._events.get())
        ending = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait(
                [getting, ending], timeout=within, return_when=asyncio.FIRST_COMPLETED
            )
            return getting.result() if getting.done() else None
        finally:
            getting.cancel()
            ending.cancel()


def shown(event: Any) -> dict[str, Any]:
    """An event as the live view shows it: what it is and which ids it is about."""
    document: dict[str, Any] = event.model_dump(mode="json")
    return {"type": event.type, **document}
