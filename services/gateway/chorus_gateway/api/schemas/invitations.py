"""Invitations."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from chorus_gateway.api.fields import Document, Email, LongName, View
from chorus_gateway.domain.invitations import (
    LIFE_DAYS,
    LONGEST_DAYS,
    InvitationState,
    Purpose,
)


class NewInvitation(Document):
    """Who is invited. Without an e-mail address: whoever is given the link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "mia@example.com", "name": "Mia Berg"}]}
    )

    email: Email | None = Field(
        default=None, description="Whom it is for; they name it on the page, and nobody else can."
    )
    name: LongName | None = Field(default=None, description="What they are called, until they say.")
    pod_id: UUID | None = Field(default=None, description="The pod that they come into.")
    user_id: UUID | None = Field(
        default=None,
        description="Instead of all these: somebody of the team who is to get back to My page.",
    )
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = LIFE_DAYS

    @model_validator(mode="after")
    def _is_for_one(self) -> Self:
        if self.user_id is not None and (self.email or self.name or self.pod_id):
            raise ValueError("user_id stands alone: the team knows the rest")
        return self


class InvitationView(View):
    """An invitation without its link, of which a digest alone is kept."""

    id: UUID
    purpose: Purpose
    state: InvitationState
    email: str | None
    name: str | None
    pod_id: UUID | None
    invited_by: UUID
    user_id: UUID | None = Field(description="Who came by it, or whom it brings back.")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class MadeInvitationView(InvitationView):
    """The same with its link, which is shown once."""

    url: str | None = Field(description="To be given to its person; a repeated answer has none.")
    sent: Literal[False] = Field(
        default=False, description="No mail is sent by this server: pass the link on yourself."
    )
