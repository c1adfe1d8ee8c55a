"""The live view: facts of the broker, handed to whoever of the same tenant is looking."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from chorus.errors import ChorusError
from chorus.events import Event
from chorus.telemetry.metrics import GatewayMetrics

_HELD = 500


class TooManyViews(ChorusError):
    """There is no room for one more; which of the two bounds says no is in the message."""


class LiveView:
    """Passes events on to open views. One that does not keep up loses the oldest, and is told.

    A person may have `of_person` views open, and all people of this process `of_all`.
    """

    def __init__(self, metrics: GatewayMetrics, *, of_person: int = 5, of_all: int = 500) -> None:
        self._metrics = metrics
        self._of_person = of_person
        self._of_all = of_all
        self._views: dict[UUID, set[View]] = {}
        self._people: Counter[UUID] = Counter()

    def require_room(self, user_id: UUID) -> None:
        """Raises TooManyViews where no further view of this person may be opened."""
        if self._people[user_id] >= self._of_person:
            raise TooManyViews("You have too many live views open.")
        if self._people.total() >= self._of_all:
            raise TooManyViews("There are too many live views open here.")

    def publish(self, client_id: UUID, event: Event) -> None:
        """Hand an event to the open views of its tenant. Does not block."""
        for view in self._views.get(client_id, ()):
            view.put(event)

    @asynccontextmanager
    async def open(self, client_id: UUID, user_id: UUID) -> AsyncIterator["View"]:
        """A view of one tenant, from now on. Raises TooManyViews."""
        self.require_room(user_id)
        view = View()
        self._people[user_id] += 1
        self._views.setdefault(client_id, set()).add(view)
        self._metrics.live_clients.inc()
        try:
            yield view
        finally:
            self._metrics.live_clients.dec()
            self._people[user_id] -= 1
            if not self._people[user_id]:
                del self._people[user_id]
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
