"""Notices."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from chorus_gateway.api.fields import Document, View


class NotificationView(View):
    """Something that people are told of (P7)."""

    id: UUID
    code: str
    severity: Literal["info", "warning", "critical"]
    sentence: str
    activity_id: UUID | None
    post_id: UUID | None
    account_id: UUID | None
    campaign_id: UUID | None
    user_id: UUID | None = Field(description="Whom it is about, where it is about a person.")
    happened_at: datetime
    read_at: datetime | None = Field(description="When you marked it as read.")


class ReadNotifications(Document):
    """Which have been read."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ids": ["0199c1de-6d1e-7b54-9b8e-1f2a3b4c5d6e"]}]}
    )

    ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
