"""What waits for a person, and many of them decided in one call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from chorus import texts
from chorus.vocabulary import ErrorType
from chorus_gateway.actions.bulk import Said
from chorus_gateway.api.fields import Digest, Document, Instant, Reason, View
from chorus_gateway.api.schemas.activities import ActivityView, EvidenceView

MOST: Final = 200
"""Of one call."""
_ID: Final = "01a202fe-a4d2-7ad8-9446-4f1ffb7b7fa3"


class InboxItem(View):
    """Something that waits, and what whoever asks may say of it."""

    activity: ActivityView
    may: list[Literal["approve", "done_by_hand", "reject", "postpone"]]


class ManualItem(View):
    """Something that only a person can end."""

    activity: ActivityView
    error_class: ErrorType | None = Field(description="One of six; null: nobody could tell.")
    sentence: str = Field(description="What went wrong, for a person.")
    evidence: list[EvidenceView] = Field(description="Screenshots of its failures, for 7 days.")


class Read(Document):
    """One of them, with the words that were read."""

    id: UUID
    text_sha256: Digest | None = Field(
        default=None, description="As the activity shows it. Only a like needs none."
    )


def _once(items: Sequence[Read | UUID]) -> Sequence[Read | UUID]:
    ids = [item.id if isinstance(item, Read) else item for item in items]
    if len(set(ids)) < len(ids):
        raise ValueError("name each activity once")
    return items


Ids = Annotated[list[UUID], Field(min_length=1, max_length=MOST), AfterValidator(_once)]


class Approvals(Document):
    """A yes to each, in the words that were read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"id": _ID, "text_sha256": texts.digest("So true, Ada.")}]}]
        }
    )

    items: Annotated[list[Read], Field(min_length=1, max_length=MOST), AfterValidator(_once)]


class Many(Document):
    """The same word for each."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ids": [_ID], "reason": "Not in this tone."}]}
    )

    ids: Ids
    reason: Reason = "No reason was given."


class ManyPostponed(Many):
    """None of them before then."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ids": [_ID], "until": "2026-12-01T09:00:00Z"}]}
    )

    until: Instant


class SaidView(View):
    """What came of one of them."""

    id: UUID
    outcome: Literal["done", "refused", "unavailable"] = Field(
        description="unavailable: no answer came in time; ask again."
    )
    state: str | None
    code: str = Field(description="A reason, or where it is refused a problem.")
    sentence: str
    decision: str | None = Field(description="What somebody else decided first.")
    decided_by: str | None
    decided_at: datetime | None


class SaidOfMany(View):
    """An answer for each, in the order of the request. Each is decided by itself."""

    items: list[SaidView]
    done: int
    refused: int
    unavailable: int


def said_of_many(said: Sequence[Said]) -> SaidOfMany:
    """With how many of each outcome."""
    outcomes = [one.outcome for one in said]
    return SaidOfMany(
        items=[SaidView.model_validate(one) for one in said],
        done=outcomes.count("done"),
        refused=outcomes.count("refused"),
        unavailable=outcomes.count("unavailable"),
    )
