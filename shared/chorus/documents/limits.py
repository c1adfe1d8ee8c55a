"""Limits as the gateway asks the scheduler about them: what server, client and fake read.

A limit belongs to a platform and a kind, and to an account, to a tenant, or to everybody. One that
narrows holds beside the more general one; one that does not holds in its place.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chorus.vocabulary import Kind, Platform

Source = Literal["account", "tenant", "default"]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Amounts(_Document):
    """How much may be done; None: no limit of this sort."""

    per_hour: Annotated[int, Field(ge=1, le=1_000)] | None = None
    per_day: Annotated[int, Field(ge=1, le=10_000)] | None = None
    cooldown_seconds: float = Field(default=0.0, ge=0.0, le=86_400.0)
    """Seconds between one and the next."""

    def within(self, other: "Amounts") -> bool:
        """Whether nothing is allowed by these that the `other` ones forbid."""
        return (
            _at_most(self.per_hour, other.per_hour)
            and _at_most(self.per_day, other.per_day)
            and self.cooldown_seconds >= other.cooldown_seconds
        )

    def narrowed_by(self, other: "Amounts") -> "Amounts":
        """What both allow."""
        return Amounts(
            per_hour=_least(self.per_hour, other.per_hour),
            per_day=_least(self.per_day, other.per_day),
            cooldown_seconds=max(self.cooldown_seconds, other.cooldown_seconds),
        )


def _at_most(mine: int | None, others: int | None) -> bool:
    return others is None or (mine is not None and mine <= others)


def _least(mine: int | None, others: int | None) -> int | None:
    given = [amount for amount in (mine, others) if amount is not None]
    return min(given, default=None)


class LimitKey(_Document):
    """Whose limit: of one account, or of the whole tenant."""

    client_id: UUID
    account_id: UUID | None = None
    platform: Platform
    kind: Kind
    by_owner: bool = False
    """It is the word of the account's owner, which stands beside the admins'."""
    actor: str
    seen: AwareDatetime | None = None
    """`set_at` of the row that the decision was made on; None: there was none. Another one stands
    there now: refused (`limit_changed`).
    """


class SetLimit(LimitKey):
    """Put a limit in force at once, in place of the one that was there.

    narrows: what is more general holds as well, whatever it comes to be.
    """

    amounts: Amounts
    narrows: bool


class RemoveLimit(LimitKey):
    """From now on what is more general holds again."""


class LimitsRequest(_Document):
    """Who asks for the limits of an account."""

    client_id: UUID


class Allowance(_Document):
    """One limit of an account's kind, and how much of it is used."""

    name: str
    count: int
    window_seconds: float
    used: int
    left: int
    next_free_at: datetime
    """When one more fits this limit; now, where one fits now."""


class KindAllowance(_Document):
    """What an account may do of one kind, warm-up included."""

    kind: Kind
    source: Source
    amounts: Amounts
    """What was set, with all that holds beside it; `limits` are what it comes to while the account
    warms up.
    """
    limits: tuple[Allowance, ...]
    next_free_at: datetime
    """When all limits, and what the network asked for, allow one more."""


class AccountLimits(_Document):
    """What an account may do, as the hand-over will count it."""

    account_id: UUID
    platform: Platform
    warm_up_share: float
    """The share of its limits that a new account may use."""
    warm_up_ends_at: datetime | None
    closed_until: datetime | None
    """Until then the network wants to be left alone."""
    kinds: tuple[KindAllowance, ...]
