"""Watches, as the API shows them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from chorus_gateway.api.fields import View


class WatchView(View):
    """Something that an account looks at again and again."""

    id: UUID
    kind: Literal[
        "posts_of_account", "comments_of_post", "messages_of_conversation", "status_of_account"
    ]
    subject: str = Field(description="The id of what is looked at.")
    account_id: UUID = Field(description="Whose account looks.")
    state: Literal["waiting", "looking", "failing", "ended"]
    reason_code: str
    reason: str = Field(description="Why it is as it is, in a sentence.")
    every_seconds: int
    began_at: datetime = Field(description="What is older is not looked for.")
    ended_at: datetime | None
    looked_at: datetime | None = Field(description="The last look that was made.")
    next_at: datetime | None = Field(description="When it looks again; null when it has ended.")
    looks: int
    found: int
    failures: int
    errors_in_a_row: int
    last_error: dict[str, Any] | None
    last_error_at: datetime | None
