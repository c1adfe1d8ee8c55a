"""Rows on their way in: one JSON parameter for many rows is the cheapest bulk write there is."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from chorus.postgres.queries import load
from chorus_scheduler.domain.instants import Micros, to_datetime

QUERIES = load("chorus_scheduler")

Row = Mapping[str, Any]


def as_json(rows: Iterable[Row]) -> str:
    """Rows for `jsonb_to_recordset`."""
    return orjson.dumps(list(rows)).decode()


def instant(value: Micros | None) -> datetime | None:
    """A stored instant, or null."""
    return None if value is None else to_datetime(value)
