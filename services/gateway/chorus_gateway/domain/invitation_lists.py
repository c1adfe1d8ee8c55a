"""Inviting many at once: which columns of a list say whom, and what becomes of each row. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from chorus_gateway.domain.invitations import InvitationState

_EMAIL: Final = ("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse")
_NAME: Final[tuple[tuple[str, ...], ...]] = (
    ("name",),
    ("full name",),
    ("display name",),
    ("first name", "last name"),
    ("vorname", "nachname"),
)


class RowOutcome(StrEnum):
    """What becomes of a row."""

    INVITED = "invited"
    ALREADY_INVITED = "already_invited"
    """An invitation for this address waits."""
    IN_TEAM = "in_team"
    """Somebody of the team has this address, or came by an invitation for it."""
    TAKEN_BACK = "taken_back"
    """The last invitation for this address was revoked: whoever wants that again says so alone."""


class NoColumnError(ValueError):
    """A list has no column for what it must say; the sentence says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """A row that names somebody."""

    line: int
    email: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a row. `secret`: of a new invitation's link."""

    invitee: Invitee
    outcome: RowOutcome
    invitation_id: UUID | None = None
    pod_id: UUID | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumns:
    """Where the address stands, and the parts of the name in their order."""

    email: str
    name: tuple[str, ...]


def columns_of(
    columns: Sequence[str], *, email: str | None, name: Sequence[str] | None
) -> ListColumns:
    """By the names that were said, else by those that are usual. Raises NoColumnError."""
    present = {column.casefold(): column for column in columns}
    missing = [one for one in (email, *(name or ())) if one and one.casefold() not in present]
    if missing:
        raise NoColumnError(f"The first row names no column {missing[0]!r}. {_named(columns)}")
    if email is None:
        found = next((present[one] for one in _EMAIL if one in present), None)
        if found is None:
            raise NoColumnError(
                f"No column is called email. Name it by email_column. {_named(columns)}"
            )
    else:
        found = present[email.casefold()]
    if name is None:
        usual = next((each for each in _NAME if all(part in present for part in each)), ())
    else:
        usual = tuple(one.casefold() for one in name)
    return ListColumns(email=found, name=tuple(present[part] for part in usual))


def _named(columns: Sequence[str]) -> str:
    """The columns, as an answer may show them: the client's own words, in short."""
    shown = ", ".join(column[:40] for column in columns[:12])
    return f"It names: {shown}." if shown else "It names none."


def outcome_of(last: InvitationState | None, *, in_team: bool) -> RowOutcome:
    """By the state of the last invitation for the same address, None where there was none."""
    if in_team or last is InvitationState.USED:
        return RowOutcome.IN_TEAM
    if last is InvitationState.OPEN:
        return RowOutcome.ALREADY_INVITED
    if last is InvitationState.REVOKED:
        return RowOutcome.TAKEN_BACK
    return RowOutcome.INVITED
