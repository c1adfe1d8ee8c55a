"""Why an account does nothing, as the scheduler tells the gateway."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chorus.vocabulary import Kind


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IdlenessRequest(_Document):
    """Who asks."""

    client_id: UUID


class Planned(_Document):
    """What the account does next."""

    activity_id: UUID
    kind: Kind
    due_at: datetime


class Obstacle(_Document):
    """One thing in the way.

    `kind` None: of everything; `until` None: until somebody does something about it.
    """

    code: str
    sentence: str
    kind: Kind | None
    until: datetime | None


class Idleness(_Document):
    """All that stands in an account's way, the weightiest first."""

    account_id: UUID
    next_act: Planned | None
    obstacles: tuple[Obstacle, ...]
