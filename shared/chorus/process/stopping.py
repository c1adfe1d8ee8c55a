"""The one contract of loops: `run` goes on until `stop`, which tells it to end and waits for it.

`stop` may come first: a `run` after it ends at once. It may come twice. It waits for nobody where
nothing runs, and for a loop that died as well.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any, Protocol


class Loop(Protocol):
    """What a part of a process is that goes on for ever."""

    async def run(self) -> None:
        """Go on until `stop`; what passes by itself is waited for, anything else is raised."""
        ...

    async def stop(self) -> None:
        """Tell `run` to end, and return when it has."""
        ...


class Stopping:
    """What a loop keeps the contract with. `run` stands in `running`, and asks whether it is
    `told`; whatever it waits for it waits for with `pause`, or in `unless_told`.
    """

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def told(self) -> bool:
        """Whether the loop is to end."""
        return self._told.is_set()

    def tell(self) -> None:
        """Let the loop end soon, and wait for nothing. May be called by a signal's handler."""
        self._told.set()

    async def stop(self) -> None:
        """Tell, and wait until the loop has ended."""
        self.tell()
        await self._ended.wait()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The loop runs for as long as the block lasts."""
        self._ended.clear()
        try:
            yield
        finally:
            self._ended.set()

    async def until_told(self) -> None:
        """Wait until the loop is to end."""
        await self._told.wait()

    async def pause(self, seconds: float) -> None:
        """Wait, and no longer than until the loop is to end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()

    async def unless_told(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it; broken off as soon as the loop is to end. Raises what it raises before that."""
        doing, told = asyncio.ensure_future(work), asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait({doing, told}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                doing.result()
        finally:
            for each in (doing, told):
                each.cancel()
            await asyncio.gather(doing, told, return_exceptions=True)
