"""Inviting many by a list."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from chorus_gateway.api.fields import Document, Email, LongName, View
from chorus_gateway.domain.invitation_lists import RowOutcome


class ListedPerson(Document):
    """What a row says."""

    email: Email
    name: LongName | None = None


class PlacedRow(View):
    """What became of a row."""

    line: int = Field(description="Of the file, where the row begins.")
    email: str
    name: str | None
    outcome: RowOutcome
    invitation_id: UUID | None
    pod_id: UUID | None = Field(description="The pod that the invitation leads into.")
    url: str | None = Field(description="Its link; a repeated answer has none.")


class InvitationListView(View):
    """What became of a list: of each row, and in all."""

    dry_run: bool
    rows: int
    invited: int
    already_invited: int
    in_team: int
    taken_back: int
    encoding: str
    delimiter: str
    ignored_columns: list[str] = Field(description="Those that say nothing of an invitation.")
    sent: Literal[False] = Field(
        default=False, description="No mail is sent by this server: pass the links on yourself."
    )
    items: list[PlacedRow]
