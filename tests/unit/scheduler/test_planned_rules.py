"""The rules of many accounts at once are those of each account."""

from uuid import UUID

import pytest

from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND
from chorus_scheduler.domain.limits import (
    PlannedRules,
    RateLimit,
    RateLimits,
    account_rule,
    warm_up_share,
    with_slack,
)
from chorus_scheduler.domain.placement import Booked, Placement, place

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


@pytest.mark.parametrize(
    ("age", "share"),
    [(0, 0.3), (2.99, 0.3), (3, 0.6), (5, 0.6), (6.99, 0.6), (7, 1.0), (400, 1.0)],
)
def test_a_new_account_starts_slowly(age: float, share: float) -> None:
    """Finding F (Q3): 30 % until day 3, 60 % until day 7, in numbers and not by the rule's own."""
    assert warm_up_share(age) == share


@pytest.mark.parametrize(
    ("account", "age", "per_hour", "per_day"),
    [
        (ACCOUNT, 1.0, 6, 30),
        (ACCOUNT, 5.0, 12, 60),
        (ACCOUNT, 30.0, 20, 100),
        (SPECIAL, 1.0, 1, 3),
        (SPECIAL, 5.0, 1, 6),
        (SPECIAL, 30.0, 2, 10),
    ],
)
def test_planned_limits_in_numbers(account: UUID, age: float, per_hour: int, per_day: int) -> None:
    """INVARIANT (Q3): what plans keep, number by number: count, window and slack."""
    limits = RateLimits(OF_ACCOUNT)
    rules = PlannedRules(limits, client=CLIENT, platform=Platform.LINKEDIN, kinds=KINDS)
    rule = rules.of(account, f"account:{account}", age)[Kind.LIKE]
    assert rule.scope == f"account:{account}:like"
    assert [(each.name, each.count, each.window) for each in rule.limits] == [
        ("cooldown", 1, MINUTE + 1_200_000),
        ("per_hour", per_hour, HOUR + 2 * SECOND),
        ("per_day", per_day, DAY + 2 * SECOND),
    ]


def test_past_uses_stand_in_the_way() -> None:
    """Finding F (Q3): what was used before now counts as what is planned does."""
    now = 1_800_000_000 * SECOND
    rules = PlannedRules(
        RateLimits(OF_ACCOUNT), client=CLIENT, platform=Platform.LINKEDIN, kinds=KINDS
    )
    rule = rules.of(SPECIAL, "account:special", 30.0)[Kind.LIKE]
    used = [now - 50 * MINUTE, now - 30 * MINUTE]
    found = place(now, rules=[rule], hours=None, taken=Booked({rule.scope: used}))
    assert isinstance(found, Placement)
    assert found.at == now + 10 * MINUTE + 2 * SECOND
