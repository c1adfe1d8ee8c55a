"""Explanations, as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.vocabulary import Kind
from chorus_gateway.api.fields import View
from chorus_gateway.domain.explaining import Move, Part
from chorus_gateway.domain.timeline import limit_of


class MoveView(View):
    """A decision that gave it another time."""

    at: datetime
    code: str
    sentence: str
    limit: dict[str, Any] | None = Field(description="Its name, value, and how much was used.")
    next_possible_at: datetime | None
    actor: str


class PartView(View):
    """What one account does about the post, or why it does nothing."""

    account_id: UUID
    account_name: str | None
    kind: Kind
    activity_id: UUID | None = Field(description="Null: it takes no part in it.")
    state: str = Field(description="The activity's, or `not_taking_part`.")
    scheduled_for: datetime | None
    due_at: datetime | None
    executed_at: datetime | None
    reason_code: str = Field(description="One of docs/reasons.md.")
    reason: str
    moves: list[MoveView] = Field(
        description="What gave it another time, in order: the last twenty."
    )


class PlannedView(View):
    """What the account does next."""

    activity_id: UUID
    kind: Kind
    due_at: datetime


class ObstacleView(View):
    """One thing in the way."""

    code: str = Field(description="One of docs/reasons.md.")
    sentence: str
    kind: Kind | None = Field(description="Null: it stands in the way of everything.")
    until: datetime | None = Field(description="Null: until somebody does something about it.")


class IdlenessView(View):
    """All that stands in an account's way, the weightiest first."""

    account_id: UUID
    next_act: PlannedView | None
    obstacles: list[ObstacleView]


def part_view(part: Part, moves: Mapping[UUID, Sequence[Move]]) -> PartView:
    """A part as the API shows it, with those of the moves that are its own."""
    shown = {name: getattr(part, name) for name in Part.__slots__}
    own = moves.get(part.activity_id, ()) if part.activity_id is not None else ()
    return PartView.model_validate(shown | {"moves": [_move_view(move) for move in own]})


def _move_view(move: Move) -> MoveView:
    shown = {name: getattr(move, name) for name in Move.__slots__}
    return MoveView.model_validate(shown | {"limit": limit_of(move)})
