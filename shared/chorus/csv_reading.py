"""Reading CSV as people's programs write it: encoding and delimiter are recognised, and every
fault is told with its line and column. What is within the bounds is read in milliseconds.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chorus.errors import ChorusError

ENCODINGS: Final = ("utf-8", "utf-16", "windows-1252", "iso-8859-1")
"""Those that can be named. UTF-8, and UTF-16 with or without its mark, need no name."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBounds:
    """What is read of one file."""

    rows: int = 1_000
    columns: int = 50
    cell: int = 1_000
    """Characters of one cell."""
    line: int = 20_000
    """Characters of one line of the file."""
    faults: int = 100
    """So many are told; how many there are is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong where. `line` counts from 1, as editors do; `column` is its name."""

    line: int
    column: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row and the line that it begins in. Cells by the name of their column, trimmed."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that was read. Where it has faults its rows are not all of them."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    delimiter: str
    faults: tuple[Fault, ...]
    faults_in_all: int


class NoTable(ChorusError):
    """It cannot be read at all; the sentence says what to do."""


class Faults:
    """Collects faults, up to a bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.told: list[Fault] = []
        self.in_all = 0

    def add(self, line: int, column: str | None, detail: str) -> None:
        """One more."""
        self.in_all += 1
        if len(self.told) < self._most:
            self.told.append(Fault(line=line, column=column, detail=detail))


def read(body: bytes, *, encoding: str | None = None, bounds: TableBounds | None = None) -> Table:
    """The table of a file whose first row names the columns. Raises NoTable."""
    bounds = bounds or TableBounds()
    text, known = _decoded(body, encoding)
    text, named, skipped = _without_separator_line(text)
    delimiter = named or _delimiter(text)
    faults = Faults(bounds.faults)
    records = _records(text, delimiter, skipped, bounds, faults)
    header = next(records, None)
    if header is None and not faults.in_all:
        raise NoTable("The file is empty: its first row names the columns.")
    columns = _columns(header[1] if header else [], header[0] if header else 1, bounds, faults)
    rows = tuple(_rows(records, columns, bounds, faults)) if columns else ()
    return Table(
        columns=columns,
        rows=rows,
        encoding=known,
        delimiter=delimiter,
        faults=tuple(faults.told),
        faults_in_all=faults.in_all,
    )


def _decoded(body: bytes, named: str | None) -> tuple[str, str]:
    """The text, without a byte order mark, and the encoding it was in."""
    if body.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise NoTable("The file is in UTF-32. Save it as UTF-8.")
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    encoding = marked or named or _unmarked(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise NoTable(
            f"The file is not in {encoding}: byte {error.start + 1} fits nothing in it. "
            f"Save it as UTF-8, or name its encoding: {', '.join(ENCODINGS)}."
        ) from error
    if "\0" in text:
        raise NoTable("The file holds the NUL character, which no text has. Save it as UTF-8.")
    return text.removeprefix("\ufeff"), encoding.removesuffix("-sig")


def _unmarked(body: bytes) -> str:
    """Latin text in UTF-16 has every other byte zero; no text in UTF-8 has one."""
    head = body[:_SNIFFED]
    if b"\0" not in head:
        return "utf-8"
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _without_separator_line(text: str) -> tuple[str, str | None, int]:
    """Excel's own first line `sep=;` names the delimiter. Answers how many lines it took."""
    first, end, rest = text.partition("\n")
    line = first.rstrip("\r")
    if end and len(line) == len("sep=;") and line.lower().startswith("sep="):
        delimiter = line[-1]
        if delimiter in _DELIMITERS:
            return rest, delimiter, 1
    return text, None, 0


def _delimiter(text: str) -> str:
    """What parts the names of the columns most often, outside of quotes."""
    head = text[:_SNIFFED].lstrip("\r\n")
    outside = "".join(head.split('"')[::2]) if '"' in head else head
    line = outside.splitlines()[0] if outside else ""
    return max(_DELIMITERS, key=line.count)


def _records(
    text: str, delimiter: str, skipped: int, bounds: TableBounds, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    """Each record that has anything in it, with the line that it begins in.

    Ends at what is no CSV: what follows would be read as something else than it was meant.
    """
    reader = csv.reader(_lines(text, bounds.line), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            record = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            faults.add(line, None, f"This is no CSV from here on: {_plain(error)}.")
            return
        if any(cell.strip() for cell in record):
            yield line, record


def _lines(text: str, most: int) -> Iterator[str]:
    """Line by line, however lines end; one that is too long is not handed on."""
    for line in io.StringIO(text, newline=""):
        if len(line) > most:
            raise _TooLongError(f"a line has more than {most} characters")
        yield line


class _TooLongError(ValueError):
    pass


def _plain(error: Exception) -> str:
    """The reader's own words may show a sign of the file, and no more than that."""
    return str(error).partition(" - ")[0]


def _columns(
    header: Sequence[str], line: int, bounds: TableBounds, faults: Faults
) -> tuple[str, ...]:
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    before = faults.in_all
    if len(names) > bounds.columns:
        faults.add(line, None, f"The file has {len(names)} columns; {bounds.columns} are read.")
    elif any(len(name) > bounds.cell for name in names):
        faults.add(line, None, f"A column's name has more than {bounds.cell} characters.")
    seen: set[str] = set()
    for name in names[: bounds.columns]:
        if name and name.casefold() in seen:
            faults.add(line, name[:100], "Two columns have this name.")
        seen.add(name.casefold())
    return tuple(names) if faults.in_all == before else ()


def _rows(
    records: Iterator[tuple[int, list[str]]],
    columns: tuple[str, ...],
    bounds: TableBounds,
    faults: Faults,
) -> Iterator[TableRow]:
    for number, (line, record) in enumerate(records, start=1):
        if number > bounds.rows:
            faults.add(line, None, f"The file has more than {bounds.rows} rows. Send it in parts.")
            return
        if any(cell.strip() for cell in record[len(columns) :]):
            counts = f"{len(record)} cells, and the first row names {len(columns)} columns"
            faults.add(line, None, f"The row has {counts}.")
            continue
        before = faults.in_all
        for name, cell in zip(columns, record, strict=False):
            if len(cell) > bounds.cell:
                faults.add(line, name, f"More than {bounds.cell} characters.")
        if faults.in_all == before:
            cells = zip(columns, (cell.strip() for cell in record), strict=False)
            yield TableRow(line=line, cells={name: cell for name, cell in cells if name})
