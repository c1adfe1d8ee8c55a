"""A decision: why something was planned, moved, skipped, refused, paused or retried.

Stored for every one of them.
"""

from dataclasses import dataclass
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_scheduler.domain.instants import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """A limit and how much of it was used when the decision was made."""

    name: str
    value: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A code for programs and a sentence for a person; `next_possible_at` where there is a next
    time.
    """

    code: str
    sentence: str
    limit: LimitUse | None = None
    next_possible_at: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a decision is about."""

    client_id: UUID
    activity_id: UUID | None = None
    post_id: UUID | None = None
    account_id: UUID | None = None
    kind: Kind | None = None
    correlation_id: str | None = None
