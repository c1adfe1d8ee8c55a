"""Bodies of requests that are not whole yet. Who sends slowly waits for nobody else's sake: where
there is no room, whoever has most of it gives up what began first.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

import structlog
from starlette.types import Message, Receive, Scope

from chorus import bodies
from chorus.bodies import BodyBounds, BodyTooSlow
from chorus_gateway.api.request_slots import Holder, SlotBounds

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Unfinished:
    holder: Holder
    size: int = 0
    patience: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))


class IncomingBodies:
    """Nobody is refused who sends a whole body: only those make room that are waited for.

    They are answered 408. `most_bytes`: of all that has come of unfinished bodies.
    """

    def __init__(self, bounds: SlotBounds, *, most_bytes: int) -> None:
        self._bounds = bounds
        self._most_bytes = most_bytes
        self._unfinished: dict[_Unfinished, None] = {}
        """The oldest first."""

    @property
    def unfinished(self) -> int:
        """How many are being waited for."""
        return len(self._unfinished)

    async def read(
        self, scope: Scope, receive: Receive, bounds: BodyBounds, holder: Holder
    ) -> bytes:
        """The whole body. Raises as `chorus.bodies.read`; BodyTooSlow also for making room."""
        if not _announced(scope):
            return await bodies.read(scope, receive, bounds)
        self._make_room(holder)
        body = _Unfinished(holder)
        self._unfinished[body] = None
        try:
            async with body.patience:
                return await bodies.read(scope, self._counted(body, receive), bounds)
        except TimeoutError as error:
            raise BodyTooSlow("Others needed the room. Send it again, all at once.") from error
        finally:
            self._unfinished.pop(body, None)

    def _counted(self, body: _Unfinished, receive: Receive) -> Receive:
        async def counted() -> Message:
            message = await receive()
            body.size += len(message.get("body", b""))
            self._keep_within_bytes()
            return message

        return counted

    def _make_room(self, holder: Holder) -> None:
        members = [one for one in self._unfinished if one.holder == holder]
        group = [one for one in self._unfinished if one.holder.group == holder.group]
        if len(members) >= self._bounds.of_member:
            self._give_up(members[0])
        elif len(group) >= self._bounds.of_group:
            self._give_up(_first_of_most(group))
        elif len(self._unfinished) >= self._bounds.total:
            self._give_up(_first_of_most(self._unfinished))

    def _keep_within_bytes(self) -> None:
        while sum(one.size for one in self._unfinished) > self._most_bytes:
            self._give_up(_largest_of_most(self._unfinished))

    def _give_up(self, body: _Unfinished) -> None:
        del self._unfinished[body]
        body.patience.reschedule(asyncio.get_running_loop().time())
        _log.info("http.body_dropped", group=str(body.holder.group), member=body.holder.member)


def _announced(scope: Scope) -> bool:
    """Whether a body comes at all, by what HTTP/1.1 says of it in the headers."""
    length = bodies.header(scope, b"content-length")
    return length not in {b"", b"0"} or bool(bodies.header(scope, b"transfer-encoding"))


def _first_of_most(unfinished: Iterable[_Unfinished]) -> _Unfinished:
    """The oldest of the member that has most of them, in the group that has most."""
    return _most(unfinished, weigh=lambda _: 1)[0]


def _largest_of_most(unfinished: Iterable[_Unfinished]) -> _Unfinished:
    """The same by bytes."""
    return max(_most(unfinished, weigh=lambda one: one.size), key=lambda one: one.size)


def _most(
    unfinished: Iterable[_Unfinished], weigh: Callable[[_Unfinished], int]
) -> list[_Unfinished]:
    found = list(unfinished)
    for part_of in (_group, _member):
        parts: dict[Hashable, list[_Unfinished]] = defaultdict(list)
        for one in found:
            parts[part_of(one)].append(one)
        found = max(parts.values(), key=lambda part: sum(map(weigh, part)))
    return found


def _group(one: _Unfinished) -> Hashable:
    return one.holder.group


def _member(one: _Unfinished) -> Hashable:
    return one.holder
