"""Clearing the queue (A4), asked of the scheduler by the gateway: what is planned is called off."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

Scope = Literal["tenant", "pod", "post", "account"]


class ClearQueue(BaseModel):
    """Whose queue, what of it, and who says so (`user:…`, `key:…`). A `dry_run` only counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: UUID
    scope: Scope
    scope_id: UUID | None = None
    """The pod, post or account; none for all of the tenant."""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    actor: str
    dry_run: bool = False

    @model_validator(mode="after")
    def _names_what(self) -> Self:
        if (self.scope == "tenant") != (self.scope_id is None):
            raise ValueError("scope_id names the pod, post or account; scope tenant has none")
        return self


class Cleared(BaseModel):
    """What came of it so far. The counts are activities."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    planned: int
    """Were planned, or waited for a yes, when it was asked."""
    out: int
    """Were handed over already, or nobody knew of them."""
    removed: int
    """Are cancelled by now."""
    stopped: int
    """Were out: nothing more is begun of them, and what may have happened is looked for."""
    left: int
    """Follow within seconds."""
