"""Exports, streamed: page after page by key, each in a transaction of its own.

Whoever takes it decides the pace; what is not taken in time, or cannot be read to its end, is
broken off, so that nobody takes a part for the whole.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from starlette.responses import StreamingResponse

from chorus import csv_writing
from chorus.errors import ChorusError
from chorus.postgres.pool import Connection
from chorus_gateway.actions.exports import go_on, shows_personal
from chorus_gateway.caller import Caller
from chorus_gateway.domain.exports import Exported, columns_of
from chorus_gateway.problems import Problem
from chorus_gateway.store import activities, exports, members
from chorus_gateway.store.activities import Filters, Position

Format = Literal["csv", "json"]
Row = Mapping[str, Any]
Page = tuple[Sequence[Row], bool]
"""Rows, and whether it was the last page."""

SECONDS: Final = 300.0
PAGE: Final = 200
_DECIDED: Final = 50
"""Activities whose decisions are read at once."""
_MEDIA: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class ExportBrokenOffError(ChorusError):
    """It was not taken in time, cannot be read, or is not for who asked any more: the answer ends
    without its end.
    """


@dataclass(slots=True, kw_only=True)
class MemberPages:
    """Members, newest first."""

    pod_id: UUID | None
    active: bool | None
    _after: UUID | None = None

    async def next(self, conn: Connection) -> Page:
        """The next ones."""
        found = await members.listing(
            conn, pod_id=self.pod_id, active=self.active, before=self._after, limit=PAGE
        )
        last = await members.last_activity(conn, [member.id for member in found])
        self._after = found[-1].id if found else None
        rows = [_fields(each) | {"last_activity_at": last.get(each.id)} for each in found]
        return rows, len(found) < PAGE


@dataclass(slots=True, kw_only=True)
class ActivityPages:
    """Activities, newest first."""

    filters: Filters
    _after: Position | None = None

    async def next(self, conn: Connection) -> Page:
        """The next ones."""
        found = await activities.listing(conn, self.filters, before=self._after, limit=PAGE)
        self._after = (found[-1].created_at, found[-1].id) if found else None
        return [_fields(each) for each in found], len(found) < PAGE


@dataclass(slots=True, kw_only=True)
class DecisionPages:
    """The decisions of activities: those newest first, of each in their order."""

    filters: Filters
    _after: Position | None = None

    async def next(self, conn: Connection) -> Page:
        """Those of the next activities."""
        found = await activities.listing(conn, self.filters, before=self._after, limit=_DECIDED)
        self._after = (found[-1].created_at, found[-1].id) if found else None
        place = {each.id: number for number, each in enumerate(found)}
        decided = await exports.decisions_of(conn, list(place))
        if len(decided) >= exports.MOST:
            raise ExportBrokenOffError("So few activities with so many decisions are no page.")
        decided.sort(key=lambda each: place[each.activity_id])
        return [_fields(each) for each in decided], len(found) < _DECIDED


Pages = MemberPages | ActivityPages | DecisionPages


async def stream(
    caller: Caller,
    what: Exported,
    pages: Pages,
    form: Format,
    *,
    now: Callable[[], float] = time.monotonic,
) -> StreamingResponse:
    """The answer. The first page is read before it begins: what is wrong then is a problem."""
    columns = columns_of(what, personal=shows_personal(caller))
    async with caller.reading() as conn:
        first = await pages.next(conn)
    write = _csv if form == "csv" else _json
    ends = now() + SECONDS
    headers = {
        "content-disposition": f'attachment; filename="{what}.{form}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(
        write(columns, _all(caller, pages, first, ends, now)),
        media_type=_MEDIA[form],
        headers=headers,
    )


async def _all(
    caller: Caller, pages: Pages, first: Page, ends: float, now: Callable[[], float]
) -> AsyncIterator[Sequence[Row]]:
    rows, last = first
    yield rows
    while not last:
        if now() > ends:
            raise ExportBrokenOffError(f"The export was not taken within {SECONDS:.0f} s.")
        await _require_still(caller)
        async with caller.reading() as conn:
            rows, last = await pages.next(conn)
        yield rows


async def _require_still(caller: Caller) -> None:
    try:
        await go_on(caller)
    except Problem as problem:
        raise ExportBrokenOffError(problem.detail) from problem


async def _csv(columns: Sequence[str], pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    yield csv_writing.lines([columns]).encode()
    async for rows in pages:
        yield csv_writing.lines([row[name] for name in columns] for row in rows).encode()


async def _json(
    columns: Sequence[str], pages: AsyncIterator[Sequence[Row]]
) -> AsyncIterator[bytes]:
    yield b'{"items":['
    comma = b""
    async for rows in pages:
        shown = [orjson.dumps({name: row[name] for name in columns}, _plain, _UTC) for row in rows]
        if shown:
            yield comma + b",".join(shown)
            comma = b","
    yield b"]}"


_UTC: Final = orjson.OPT_PASSTHROUGH_DATETIME


def _plain(value: object) -> str:
    return csv_writing.cell(value)


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
