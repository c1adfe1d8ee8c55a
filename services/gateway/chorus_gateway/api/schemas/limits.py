"""Limits, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chorus.vocabulary import Kind, Platform
from chorus_gateway.api.fields import Document, View

PerHour = Annotated[int, Field(ge=1, le=1_000, description="Null: no limit of this sort.")]
PerDay = Annotated[int, Field(ge=1, le=10_000, description="Null: no limit of this sort.")]
Cooldown = Annotated[
    float, Field(ge=0.0, le=86_400.0, description="Seconds between one and the next.")
]


class LimitChanges(Document):
    """How much may be done. What is left out stays as it is now.

    To have nothing done at all, pause the account, or withdraw the consent to the kind.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"per_hour": 5, "per_day": 20}]})

    per_hour: PerHour | None = None
    per_day: PerDay | None = None
    cooldown_seconds: Cooldown = 0.0


class AmountsView(View):
    """How much may be done."""

    per_hour: int | None
    per_day: int | None
    cooldown_seconds: float


class AllowanceView(View):
    """One limit, and how much of it is used."""

    name: str = Field(description="cooldown, per_hour or per_day.")
    count: int = Field(description="So many at most, warm-up included,")
    window_seconds: float = Field(description="in any window of this length.")
    used: int
    left: int
    next_free_at: datetime = Field(description="When one more fits; now, where one fits now.")


class KindAllowanceView(View):
    """What an account may do of one kind."""

    kind: Kind
    source: Literal["account", "tenant", "default"] = Field(description="For whom it was set.")
    amounts: AmountsView = Field(description="What holds, before the warm-up.")
    limits: list[AllowanceView]
    next_free_at: datetime = Field(description="When all of them allow one more.")


class AccountLimitsView(View):
    """What an account may do, as the hand-over counts it."""

    platform: Platform
    warm_up_share: float = Field(description="The share of its limits that a new account may use.")
    warm_up_ends_at: datetime | None
    closed_until: datetime | None = Field(
        description="Until then the network wants to be left alone."
    )
    kinds: list[KindAllowanceView]


class DefaultLimitView(View):
    """What holds for everybody who set nothing else, on one network."""

    platform: Platform
    action: Literal["post", "like", "comment", "follow", "dm", "reply", "upvote"]
    kind: Kind | None = Field(description="What does it here; null: nothing does it yet.")
    per_hour: int
    per_day: int
    cooldown_seconds: float
    source: Literal["required", "considerate"] = Field(
        description="required: the number was asked for; considerate: networks publish none."
    )


class TeamLimitView(View):
    """What holds for the team's accounts on one network, of one kind."""

    platform: Platform
    kind: Kind
    source: Literal["tenant", "default"]
    in_force: AmountsView
    default: AmountsView
    set_by: str | None = Field(description="Who set the team's own.")
    set_at: datetime | None
