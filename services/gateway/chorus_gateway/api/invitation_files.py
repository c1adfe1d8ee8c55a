"""A list of people to invite, as a CSV file: read in a thread, every fault of it told at once."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chorus.csv_reading import Fault, Faults, NoTable, Table, TableBounds, read
from chorus_gateway.api.schemas.invitation_lists import ListedPerson
from chorus_gateway.domain.invitation_lists import (
    Invitee,
    ListColumns,
    NoColumnError,
    columns_of,
)
from chorus_gateway.problems import Problem

BOUNDS = TableBounds()
_PERSON = TypeAdapter(ListedPerson)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """What was said of the file; None: it is recognised."""

    email_column: str | None = None
    name_column: Sequence[str] | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFile:
    """A file without faults."""

    invitees: tuple[Invitee, ...]
    encoding: str
    delimiter: str
    ignored: tuple[str, ...]


async def read_file(body: bytes, options: FileOptions) -> InvitationFile:
    """All of its rows. Problem `invalid_request` with every fault, by line and column."""
    return await asyncio.to_thread(_read, body, options)


def _read(body: bytes, options: FileOptions) -> InvitationFile:
    faults = Faults(BOUNDS.faults)
    try:
        table = read(body, encoding=options.encoding, bounds=BOUNDS)
        if not table.columns:
            raise _refused(table.faults, table.faults_in_all)
        columns = columns_of(table.columns, email=options.email_column, name=options.name_column)
    except (NoTable, NoColumnError) as error:
        detail = str(error).encode("utf-8", "replace").decode()
        raise Problem("invalid_request", errors=[{"pointer": "/body", "detail": detail}]) from error
    invitees = tuple(_invitees(table, columns, faults))
    in_all = table.faults_in_all + faults.in_all
    if in_all:
        told = sorted((*table.faults, *faults.told), key=lambda fault: fault.line)
        raise _refused(told[: BOUNDS.faults], in_all)
    if not invitees:
        raise _refused([Fault(line=1, column=None, detail="No row names anybody.")], 1)
    used = {columns.email, *columns.name}
    return InvitationFile(
        invitees=invitees,
        encoding=table.encoding,
        delimiter=table.delimiter,
        ignored=tuple(one for one in table.columns if one and one not in used),
    )


def _invitees(table: Table, columns: ListColumns, faults: Faults) -> Iterator[Invitee]:
    """Who is named well; all else is a fault."""
    lines: dict[str, int] = {}
    for row in table.rows:
        name = " ".join(filter(None, (row.cells.get(part, "") for part in columns.name)))
        given = {"email": row.cells.get(columns.email, ""), "name": name or None}
        try:
            person = _PERSON.validate_python(given)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                column = columns.email if fault["loc"][0] == "email" else columns.name[0]
                faults.add(row.line, column, _said(fault["msg"]))
            continue
        first = lines.setdefault(person.email, row.line)
        if first != row.line:
            faults.add(row.line, columns.email, f"The same address stands in line {first}.")
            continue
        yield Invitee(line=row.line, email=person.email, name=person.name)


def _said(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{said[:1].upper()}{said[1:]}."


def _refused(faults: Sequence[Fault], in_all: int) -> Problem:
    """Where and what, never the value: whoever reads the answer may not be meant to see it."""
    return Problem(
        "invalid_request",
        f"The file has {in_all} faults, and nothing of it was done. Correct what `errors` names.",
        errors=[_error(fault) for fault in faults],
        errors_in_all=in_all,
    )


def _error(fault: Fault) -> dict[str, Any]:
    column = fault.column and fault.column[:100].encode("utf-8", "replace").decode()
    place = f"/body/lines/{fault.line}"
    if column:
        place += "/" + column.replace("~", "~0").replace("/", "~1")
    said = f"Line {fault.line}, column {column}: " if column else f"Line {fault.line}: "
    return {
        "pointer": place,
        "detail": said + fault.detail,
        "line": fault.line,
        "column": column,
    }
