"""The tiers of Q1, as data: what each costs, holds and offers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tier(StrEnum):
    """What a tenant pays for; from the smallest to the largest."""

    STARTER = "starter"
    GROWTH = "growth"
    PRO = "pro"
    ENTERPRISE = "enterprise"
    ULTRA = "ultra"


_EVERYBODY: Final = ("pods", "posting_queue", "member_pages", "limits", "absences", "fairness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One tier. The price is dollars a month; nothing here takes money."""

    tier: Tier
    monthly_price: str
    max_accounts: int
    features: tuple[str, ...] = _EVERYBODY
    """What it offers; a team's own flags stand beside it."""


PLANS: Final[dict[Tier, Plan]] = {
    plan.tier: plan
    for plan in (
        Plan(tier=Tier.STARTER, monthly_price="29.99", max_accounts=10),
        Plan(tier=Tier.GROWTH, monthly_price="79.99", max_accounts=50),
        Plan(tier=Tier.PRO, monthly_price="199.99", max_accounts=150),
        Plan(tier=Tier.ENTERPRISE, monthly_price="499.99", max_accounts=500),
        Plan(tier=Tier.ULTRA, monthly_price="999.99", max_accounts=1000),
    )
}
MAX_ACCOUNTS: Final[dict[Tier, int]] = {tier: plan.max_accounts for tier, plan in PLANS.items()}


def may_connect(tier: Tier, connected: int) -> bool:
    """Whether one more account fits beside those that are connected."""
    return connected < MAX_ACCOUNTS[tier]


def holds(tier: Tier, connected: int) -> bool:
    """Whether all that are connected fit."""
    return connected <= MAX_ACCOUNTS[tier]
