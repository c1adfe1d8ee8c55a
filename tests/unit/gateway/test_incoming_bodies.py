"""Bodies that are waited for make room for others; whole ones are refused to nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message, Scope

from chorus.bodies import BodyBounds, BodyTooSlow, ClientGone
from chorus_gateway.api.incoming_bodies import IncomingBodies
from chorus_gateway.api.request_slots import Holder, SlotBounds

SCOPE: Scope = {"headers": [(b"content-length", b"50")]}
BODY = BodyBounds()


class Slow:
    """A body of which a part came; the rest comes when the test says so."""

    def __init__(self, bodies: IncomingBodies, holder: Holder, part: bytes) -> None:
        self._parts: asyncio.Queue[Message] = asyncio.Queue()
        self._parts.put_nowait({"type": "http.request", "body": part, "more_body": True})
        self._waiting = asyncio.Event()
        self.reading = asyncio.create_task(bodies.read(SCOPE, self._receive, BODY, holder))

    async def _receive(self) -> Message:
        if self._parts.empty():
            self._waiting.set()
        return await self._parts.get()

    async def begun(self) -> None:
        """It is waited for, or was given up."""
        waiting = asyncio.create_task(self._waiting.wait())
        await asyncio.wait([waiting, self.reading], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    def ends(self) -> None:
        self._parts.put_nowait({"type": "http.request", "body": b"!", "more_body": False})

    def leaves(self) -> None:
        self._parts.put_nowait({"type": "http.disconnect"})


@asynccontextmanager
async def _room(**bounds: int) -> AsyncIterator["Room"]:
    room = Room(bounds)
    try:
        yield room
    finally:
        for one in room.all:
            one.reading.cancel()
        await asyncio.gather(*(one.reading for one in room.all), return_exceptions=True)
        assert room.bodies.unfinished == 0


class Room:
    """Slow bodies, in the order in which they began."""

    def __init__(self, bounds: dict[str, int]) -> None:
        most_bytes = bounds.pop("most_bytes", 1000)
        self.bodies = IncomingBodies(SlotBounds(**bounds), most_bytes=most_bytes)
        self.all: list[Slow] = []

    async def begin(self, group: str, member: str, part: bytes = b"x") -> Slow:
        one = Slow(self.bodies, Holder(group=group, member=member), part)
        self.all.append(one)
        await one.begun()
        return one


async def _given_up(*slow: Slow) -> None:
    for one in slow:
        with pytest.raises(BodyTooSlow):
            await one.reading


async def test_the_oldest_of_whoever_has_most_makes_room() -> None:
    """Of one's own where one has too many; else of the largest part, and never of a smaller one."""
    async with _room(total=5, of_group=4, of_member=3) as room:
        small = await room.begin("b", "b1")
        first, second, *_ = [await room.begin("a", "a1") for _ in range(3)]
        await room.begin("a", "a1")
        await _given_up(first)
        other = await room.begin("a", "a2")
        await room.begin("a", "a2")
        await _given_up(second)
        await room.begin("c", "c1")
        assert not small.reading.done()
        assert not other.reading.done()
        small.ends()
        assert await small.reading == b"x!"


async def test_a_flood_of_one_group_gives_up_none_of_another() -> None:
    """INVARIANT (6): whoever sends one body slowly is not pushed out by who sends a thousand."""
    async with _room(total=10, of_group=10, of_member=10) as room:
        patient = await room.begin("mobile", "mobile")
        for _ in range(100):
            await room.begin("flood", "flood")
        assert room.bodies.unfinished == 10
        patient.ends()
        assert await patient.reading == b"x!"


async def test_what_has_come_of_all_is_bounded() -> None:
    """The largest body of whoever holds most bytes goes first."""
    async with _room(total=10, of_group=10, of_member=10, most_bytes=1000) as room:
        small = [await room.begin("a", "a", b"x" * 100) for _ in range(3)]
        large = await room.begin("b", "b", b"x" * 600)
        assert not large.reading.done()
        await room.begin("c", "c", b"x" * 200)
        await _given_up(large)
        assert not any(one.reading.done() for one in small)
        alone = await room.begin("d", "d", b"x" * 1001)
        await _given_up(alone)
        assert not any(one.reading.done() for one in small)


async def test_what_ends_leaves_its_room_at_once() -> None:
    """Whole, gone, or broken off: nothing is held for it any more."""
    async with _room(total=3, of_group=3, of_member=3) as room:
        whole, gone, broken = [await room.begin("a", "a") for _ in range(3)]
        whole.ends()
        assert await whole.reading == b"x!"
        gone.leaves()
        with pytest.raises(ClientGone):
            await gone.reading
        broken.reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await broken.reading
        assert room.bodies.unfinished == 0


async def test_a_request_without_a_body_takes_no_room() -> None:
    """Nobody is given up for one who sends nothing."""
    async with _room(total=1, of_group=1, of_member=1) as room:
        waiting = await room.begin("a", "a")

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        for headers in ([], [(b"content-length", b"0")]):
            empty = {"headers": headers}
            holder = Holder(group="a", member="a")
            assert await room.bodies.read(empty, receive, BODY, holder) == b""
        assert not waiting.reading.done()


async def test_what_came_whole_just_then_is_kept() -> None:
    """A body whose end is there as it is to make room is no slow one."""
    async with _room(total=1, of_group=1, of_member=1) as room:
        first = await room.begin("a", "a")
        first.ends()
        await room.begin("b", "b")
        assert await first.reading == b"x!"
