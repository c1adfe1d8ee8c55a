"""The rules of many accounts at once are those of each account."""

from uuid import UUID

import pytest

from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.instants import MINUTE
from chorus_scheduler.domain.limits import (
    PlannedRules,
    RateLimit,
    RateLimits,
    account_rule,
    with_slack,
)

CLIENT, OTHER = UUID(int=1), UUID(int=2)
ACCOUNT, SPECIAL = UUID(int=11), UUID(int=12)
KINDS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)


def _limit(kind: Kind, per_hour: int, *, client: UUID | None, account: UUID | None) -> RateLimit:
    return RateLimit(
        client_id=client,
        account_id=account,
        platform=Platform.LINKEDIN,
        kind=kind,
        per_hour=per_hour,
        per_day=per_hour * 5,
        cooldown=MINUTE,
    )


DEFAULTS = [
    _limit(Kind.LIKE, 10, client=None, account=None),
    _limit(Kind.COMMENT, 5, client=None, account=None),
]
OF_TENANT = [*DEFAULTS, _limit(Kind.LIKE, 20, client=CLIENT, account=None)]
OF_ACCOUNT = [*OF_TENANT, _limit(Kind.LIKE, 2, client=CLIENT, account=SPECIAL)]


@pytest.mark.parametrize("rows", [[], DEFAULTS, OF_TENANT, OF_ACCOUNT])
@pytest.mark.parametrize("client", [CLIENT, OTHER])
def test_each_account_has_its_most_specific_limits(rows: list[RateLimit], client: UUID) -> None:
    """INVARIANT (Q3): account before tenant before default, warmed up by age, as at hand-over."""
    limits = RateLimits(rows)
    rules = PlannedRules(limits, client=client, platform=Platform.LINKEDIN, kinds=KINDS)
    for account in (ACCOUNT, SPECIAL, ACCOUNT):
        for age in (0.5, 4.0, 365.0):
            expected = {
                kind: with_slack(account_rule(row, account, age))
                for kind in KINDS
                if (row := limits.find(client, account, Platform.LINKEDIN, kind)) is not None
            }
            assert rules.of(account, f"account:{account}", age) == expected
