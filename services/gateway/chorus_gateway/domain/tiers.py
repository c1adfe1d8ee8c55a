"""The tiers of Q1."""

from enum import StrEnum
from typing import Final


class Tier(StrEnum):
    """What a tenant pays for."""

    STARTER = "starter"
    GROWTH = "growth"
    PRO = "pro"
    ENTERPRISE = "enterprise"
    ULTRA = "ultra"


MAX_ACCOUNTS: Final[dict[Tier, int]] = {
    Tier.STARTER: 10,
    Tier.GROWTH: 50,
    Tier.PRO: 150,
    Tier.ENTERPRISE: 500,
    Tier.ULTRA: 1000,
}

MONTHLY_PRICE: Final[dict[Tier, str]] = {
    Tier.STARTER: "29.99",
    Tier.GROWTH: "79.99",
    Tier.PRO: "199.99",
    Tier.ENTERPRISE: "499.99",
    Tier.ULTRA: "999.99",
}


def may_connect(tier: Tier, connected: int) -> bool:
    """Whether one more account fits beside those that are connected."""
    return connected < MAX_ACCOUNTS[tier]
