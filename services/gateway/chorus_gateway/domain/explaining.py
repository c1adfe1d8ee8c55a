"""Who acts on a post, who does not, why, and what moved it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

MOVES: Final = (
    "moved_by_limit",
    "moved_to_active_hours",
    "put_off_by_limit",
    "outside_hours",
    "account_cooled_down",
    "account_busy",
    "late",
    "parked",
    "resumed",
    "held",
    "takes_part_again",
    "postponed",
    "retry",
    "retried_by_person",
    "already_acting",
)
"""Codes of decisions that gave an activity another time (docs/reasons.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one account does about a post, or why it does nothing."""

    account_id: UUID
    account_name: str | None
    kind: str
    activity_id: UUID | None
    """None: it takes no part in it."""
    state: str
    scheduled_for: datetime | None
    due_at: datetime | None
    executed_at: datetime | None
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A decision that gave an activity another time."""

    activity_id: UUID
    at: datetime
    code: str
    sentence: str
    limit_name: str | None
    limit_value: int | None
    limit_used: int | None
    next_possible_at: datetime | None
    actor: str
