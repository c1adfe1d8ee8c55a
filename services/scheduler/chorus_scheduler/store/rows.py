"""Rows on their way in: one JSON parameter for many rows is the cheapest bulk write there is."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from psycopg import AsyncCursor

from chorus.postgres.queries import load
from chorus_scheduler.domain.instants import Micros, to_datetime

QUERIES = load("chorus_scheduler")

Row = Mapping[str, Any]
R = TypeVar("R")
_SLICE = 500


def as_json(rows: Iterable[Row]) -> str:
    """Rows for `jsonb_to_recordset`."""
    return orjson.dumps(list(rows)).decode()


def as_array(values: Sequence[UUID] | Sequence[int]) -> str:
    """An array of Postgres, as text: a tenth of the cost of an array of parameters."""
    return f"{{{orjson.dumps(values)[1:-1].decode()}}}"


async def all_rows(cursor: AsyncCursor[R]) -> list[R]:
    """All rows, made slice by slice: making ten thousand at once would hold up everybody else."""
    rows: list[R] = []
    while part := await cursor.fetchmany(_SLICE):
        rows += part
        await asyncio.sleep(0)
    return rows


def instant(value: Micros | None) -> datetime | None:
    """A stored instant, or null."""
    return None if value is None else to_datetime(value)
