"""Writing CSV (RFC 4180) of which no spreadsheet takes a cell for a formula."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

_FORMULA: Final = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with, the full-width forms of some keyboards too."""


def lines(rows: Iterable[Sequence[object]]) -> str:
    """The rows as text, each ended by CRLF."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: object) -> str:
    """A value as it stands in a cell: instants in UTC (ISO 8601), lists parted by spaces."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return instant(value)
        case dict():
            text = json.dumps(value, ensure_ascii=False, default=str)
        case list() | tuple():
            text = " ".join(map(str, value))
        case _:
            text = str(value)
    return harmless(text)


def instant(value: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def harmless(text: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text
