"""Requests whose body never ends, fed to the application by hand."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


@dataclass(slots=True)
class HalfSent:
    """One of them. `waited_for`: its first byte was read, and more is asked for."""

    waited_for: asyncio.Event = field(default_factory=asyncio.Event)
    answer: list[Message] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    given: bool = False

    async def receive(self) -> Message:
        if not self.given:
            self.given = True
            return {"type": "http.request", "body": b"{", "more_body": True}
        self.waited_for.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.answer.append(message)

    @property
    def status(self) -> int | None:
        """None while it is waited for."""
        return int(self.answer[0]["status"]) if self.answer else None


@asynccontextmanager
async def half_sent(
    app: ASGIApp,
    count: int,
    *,
    path: str,
    headers: Mapping[str, str],
    address: str = "10.0.0.1",
    method: str = "POST",
) -> AsyncIterator[list[HalfSent]]:
    """So many are under way: each is waited for, or was answered."""
    under_way = []
    for _ in range(count):
        one = HalfSent()
        one.task = asyncio.create_task(_call(app, one, path, headers, address, method))
        waiting = asyncio.create_task(one.waited_for.wait())
        await asyncio.wait([one.task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        under_way.append(one)
    try:
        yield under_way
    finally:
        tasks = [one.task for one in under_way if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _call(
    app: Any, one: HalfSent, path: str, headers: Mapping[str, str], address: str, method: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "headers": [*raw, (b"content-length", b"60")], "query_string": b"",
        "client": (address, 1), "server": ("x", 80), "scheme": "http", "http_version": "1.1",
        "root_path": "", "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    await app(scope, one.receive, one.send)
