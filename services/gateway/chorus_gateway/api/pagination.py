"""Pages by key: the cursor says where the last page ended, so nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chorus.vocabulary import Kind
from chorus_gateway.problems import Problem

MAX_LIMIT: Final = 200

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.", examples=[50])]
Cursor = Annotated[
    str | None,
    Query(
        max_length=200, description="`next_cursor` of the page before; without it: the first page."
    ),
]


class Identified(Protocol):
    """A row that pages go by the id of."""

    @property
    def id(self) -> UUID | int: ...


class Page(BaseModel, Generic[Item]):
    """Some of the items, newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next_cursor: str | None = Field(
        description="For the next page; null when this is the last one."
    )


def cursor_of(*position: UUID | datetime | int | str) -> str:
    """The cursor of a position."""
    parts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in position]
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def cursor_after(found: Sequence[Identified], limit: int) -> str | None:
    """The cursor behind a page, where `limit` + 1 rows were asked for to know of a next one."""
    return cursor_of(found[limit - 1].id) if len(found) > limit else None


def id_after(cursor: str | None) -> UUID | None:
    """The id that a page of ids goes on from."""
    if cursor is None:
        return None
    try:
        (part,) = _parts(cursor)
        return UUID(part)
    except ValueError:
        raise Problem("bad_cursor") from None


def number_after(cursor: str | None) -> int | None:
    """The number that a page of numbered rows goes on from."""
    if cursor is None:
        return None
    try:
        (part,) = _parts(cursor)
        number = int(part)
    except ValueError:
        raise Problem("bad_cursor") from None
    if not 0 <= number < 2**63:
        raise Problem("bad_cursor")
    return number


def instant_after(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The instant and id that a page goes on from."""
    if cursor is None:
        return None
    try:
        first, second = _parts(cursor)
        instant, last = datetime.fromisoformat(first), UUID(second)
    except ValueError:
        raise Problem("bad_cursor") from None
    if instant.tzinfo is None or not 2000 <= instant.year < 2200:
        raise Problem("bad_cursor")
    return instant, last


def part_after(cursor: str | None) -> tuple[UUID, Kind] | None:
    """The account and kind that a page goes on from."""
    if cursor is None:
        return None
    try:
        first, second = _parts(cursor)
        return UUID(first), Kind(second)
    except ValueError:
        raise Problem("bad_cursor") from None


def _parts(cursor: str) -> list[str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("|")
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("no cursor") from error
