"""Tiers, as the API shows them (Q1)."""

from pydantic import Field

from chorus_gateway.api.fields import Document, View
from chorus_gateway.domain.tiers import Tier


class TierView(View):
    """One tier."""

    tier: Tier
    monthly_price: str = Field(description="Dollars a month. Nothing here takes money.")
    max_accounts: int
    features: list[str]


class TierChange(Document):
    """The tier that the team is to have."""

    tier: Tier


class UsageView(View):
    """The team's tier, and how much of it is used."""

    tier: Tier
    max_accounts: int
    connected: int
    left: int
    accounts: dict[str, int] = Field(description="Connected accounts by platform.")
    fitting: list[Tier] = Field(description="The tiers that hold what is connected.")
