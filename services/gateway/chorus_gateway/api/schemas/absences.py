"""Absences of an account's owner."""

from datetime import date, datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from chorus_gateway.api.fields import Document, LongName, View


class AbsenceRequest(Document):
    """Whole days, in the account's own time zone; both are included."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"first_day": "2026-12-24", "last_day": "2027-01-02"}]}
    )

    first_day: date
    last_day: date
    reason: LongName | None = Field(default=None, description="Shown to the team.")


class AbsenceView(View):
    """Days on which nothing is done in the account's name."""

    id: UUID
    account_id: UUID
    first_day: date
    last_day: date
    reason: str | None
    by_owner: bool = Field(description="Said by the account's owner, who alone takes it back.")
    made_by: str
    made_at: datetime
    moved: int | None = Field(
        default=None, description="On adding: how many planned acts have another time now."
    )
    skipped: int | None = Field(
        default=None, description="On adding: how many would have come too late, and are skipped."
    )
