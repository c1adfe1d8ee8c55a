"""Connecting accounts."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from chorus.vocabulary import Platform
from chorus_gateway.api.fields import Document, LongName, View, Zone
from chorus_gateway.api.schemas.accounts import Hours
from chorus_gateway.domain.account_links import LinkState


class NewLink(Document):
    """Which account is to be connected, and what to call it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"display_name": "Ada Lovelace", "timezone": "Europe/London"}]
        }
    )

    platform: Platform | None = Field(
        default=None,
        description="The network. Of an account that is signed in again it is known.",
    )
    display_name: LongName | None = Field(
        default=None, description="Otherwise the name that the provider knows."
    )
    timezone: Zone = "UTC"
    active_hours: Hours | None = Field(
        default=None, alias="hours", description="null: 07:00 to 22:00 in its time zone."
    )
    account_id: UUID | None = Field(
        default=None, description="An account of yours that is to be signed in again."
    )


class StartedLinkView(View):
    """Where to go."""

    id: UUID
    url: str
    expires_at: datetime


class LinkView(View):
    """What came of a link."""

    id: UUID
    state: LinkState = Field(
        description="reported: the provider has told of an account and is being asked about it."
    )
    code: str | None = Field(description="Why it did not work.")
    reason: str | None
    account_id: UUID | None = Field(description="The account that is connected now.")
    expires_at: datetime
