"""The queue: its counters, and its clearing (A4)."""

from typing import Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from chorus_gateway.api.fields import Document, Reason, View


class QueueStatsView(View):
    """The queue (A4)."""

    waiting: int = Field(description="Due, and about to be handed over.")
    active: int = Field(description="With an executor.")
    delayed: int = Field(description="Scheduled for later, or waiting for a person.")
    completed: int
    failed: int
    total: int


class QueueClearing(Document):
    """Whose plans are called off, and why, for the record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"scope": "tenant", "reason": "The campaign is over.", "dry_run": True}]
        }
    )

    scope: Literal["tenant", "pod", "post", "account"]
    scope_id: UUID | None = Field(default=None, description="The pod, post or account.")
    reason: Reason = "The queue was cleared."
    dry_run: bool = Field(default=False, description="Only count what it would be.")

    @model_validator(mode="after")
    def _names_what(self) -> Self:
        if (self.scope == "tenant") != (self.scope_id is None):
            raise ValueError("scope_id names the pod, post or account; scope tenant has none")
        return self


class ClearedView(View):
    """What came of it so far, in activities."""

    planned: int = Field(description="Were planned, or waited for a yes, when it was asked.")
    out: int = Field(description="Were handed over already, or nobody knew of them.")
    removed: int = Field(description="Are cancelled by now.")
    stopped: int = Field(
        description="Were out: nothing more is begun of them; what may have happened is looked for."
    )
    left: int = Field(description="Follow within seconds.")
