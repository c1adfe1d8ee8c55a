"""Reading and writing CSV: whatever bytes come, it is read as meant or refused with a place."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chorus import csv_writing
from chorus.csv_reading import Fault, NoTable, Table, TableBounds, read

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)
CELLS = st.lists(TEXT, min_size=2, max_size=2).filter(lambda row: any(c.strip() for c in row))
DELIMITERS = st.sampled_from([",", ";", "\t", "|"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
ENDS = st.sampled_from(["\r\n", "\n", "\r"])


def _written(rows: list[list[str]], delimiter: str, end: str) -> str:
    out = io.StringIO(newline="")
    # Python's writer leaves a bare CR unquoted where lines end otherwise.
    broken = any("\r" in cell or "\n" in cell for row in rows for cell in row)
    if broken:
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows(rows)
    return out.getvalue()


def _cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


@given(rows=st.lists(CELLS, max_size=6), delimiter=DELIMITERS, encoding=ENCODINGS, end=ENDS)
def test_what_is_written_is_read(
    rows: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    """P8: every delimiter, encoding and end of line that programs write, without being told."""
    text = _written([["email", "name"], *rows], delimiter, end)
    table = read(text.encode(encoding))
    assert (table.faults, table.delimiter) == ((), delimiter)
    assert _cells(table) == [{"email": row[0].strip(), "name": row[1].strip()} for row in rows]


@given(body=st.binary(max_size=400))
@example(body=b"\xff\xfe\x00\x00")
@example(body=b"\xff\xfe")
@example(body=b"a\x00")
@example(body=b'"')
@example(body=b"sep=;")
@example(body=b"sep=;\r\n")
def test_odd_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever comes: a table within its bounds, or a sentence."""
    for encoding in (None, "windows-1252"):
        try:
            table = read(body, encoding=encoding)
        except NoTable:
            continue
        assert table.columns or table.faults
        assert all(set(row.cells) <= set(table.columns) for row in table.rows)
        assert table.faults_in_all >= len(table.faults)


@given(text=st.text(st.sampled_from('ab,;"\r\n\t =|'), max_size=80))
def test_lines_are_those_of_an_editor(text: str) -> None:
    """Each row begins in a line that there is, and they only go on."""
    try:
        table = read(text.encode())
    except NoTable:
        return
    ends = io.StringIO(text, newline="").readlines()
    lines = [row.line for row in table.rows]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= max(1, len(ends)) for line in lines)


def test_a_row_names_the_line_that_it_begins_in() -> None:
    """Also behind cells of several lines, empty lines, and Excel's own first line."""
    body = b'sep=;\r\nemail;name\r\na@x.example;"Two\r\nlines"\r\n\r\n;;\r\nb@x.example;B;\r\n'
    table = read(body)
    assert [(row.line, row.cells["name"]) for row in table.rows] == [(3, "Two\r\nlines"), (7, "B")]
    assert (table.delimiter, table.faults) == (";", ())


def test_utf_16_is_recognised_without_its_mark() -> None:
    """Little and big end first."""
    for encoding in ("utf-16-le", "utf-16-be"):
        table = read("email\tname\r\nmia@x.example\tMía\r\n".encode(encoding))
        assert (table.encoding, table.delimiter) == (encoding, "\t")
        assert table.rows[0].cells["name"] == "Mía"


def test_what_is_no_text_is_refused_with_a_way_out() -> None:
    """An encoding is never guessed where letters would come out wrong."""
    latin = "email;name\r\nmia@x.example;Jürgen\r\n".encode("windows-1252")
    with pytest.raises(NoTable, match="windows-1252"):
        read(latin)
    assert read(latin, encoding="windows-1252").rows[0].cells["name"] == "Jürgen"
    for body, word in (
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        ("a".encode("utf-32"), "UTF-32"),
        (b"\xff\xfea", "utf-16"),
        (b"\xef\xbb\xbfa\0b", "NUL"),
    ):
        with pytest.raises(NoTable, match=word):
            read(body)


def test_every_fault_is_told_with_its_place() -> None:
    """All at once: too many cells, a long one, and where it stops being CSV."""
    body = b"email,name\na,b,c\nd," + b"e" * 30 + b'\n"f"g,h\ni,j\n'
    table = read(body, bounds=TableBounds(cell=20))
    assert [(fault.line, fault.column) for fault in table.faults] == [
        (2, None),
        (3, "name"),
        (4, None),
    ]
    assert "no CSV from here on" in table.faults[-1].detail
    assert table.rows == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"a,A\n1,2\n", "Two columns"),
        (b"," * 60 + b"a\n", "61 columns"),
        (b"a\n" + b"1\n" * 1_100, "1000 rows"),
        (b"a\n" + b"x" * 30_000, "20000 characters"),
        (b'a\n"' + b"x\n" * 100_000, "no CSV"),
    ],
)
def test_a_file_is_read_within_bounds(body: bytes, said: str) -> None:
    """Rows, columns, cells and lines."""
    (fault,) = read(body).faults
    assert said in fault.detail


def test_so_many_faults_are_told_and_all_are_counted() -> None:
    """The list is bounded, the count says how many there are."""
    table = read(b"a\n" + b"1,2\n" * 500, bounds=TableBounds(faults=10))
    assert (len(table.faults), table.faults_in_all) == (10, 500)
    assert table.faults[0] == Fault(
        line=2, column=None, detail="The row has 2 cells, and the first row names 1 columns."
    )


@given(rows=st.lists(st.lists(TEXT, min_size=1, max_size=3), max_size=5))
@example(rows=[["=1+1", "-2", "@x"], ["\t=1", "\r=1", '=HYPERLINK("http://x")']])
@example(rows=[["\uff1d1", "+1", "\n=1"]])
def test_no_cell_is_a_formula_and_no_word_is_lost(rows: list[list[str]]) -> None:
    """INVARIANT: what a spreadsheet would run is text in it; a program reads the same words."""
    text = csv_writing.lines(rows)
    back = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(back) == len(rows)
    for before, after in zip(rows, back, strict=True):
        for cell, found in zip(before, after, strict=True):
            assert not found.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
            assert found in {cell, f"'{cell}"}
    assert not text.replace("\r\n", "").count("\0")


def test_values_are_written_as_programs_read_them() -> None:
    """Instants in UTC, numbers and words as they are, nothing for nothing."""
    east = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    row = [
        None,
        True,
        -3,
        1.5,
        east,
        ["like", "comment"],
        {"a": "ü"},
        datetime.max.replace(tzinfo=UTC),
    ]
    line = csv_writing.lines([row])
    assert line == (
        ',true,-3,1.5,2026-03-02T03:30:00Z,like comment,"{""a"": ""ü""}",'
        "9999-12-31T23:59:59.999999Z\r\n"
    )
