"""Which limits hold for an account, a post and a lane, and how they are named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from chorus.vocabulary import Kind, Lane, Platform
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND, Micros
from chorus_scheduler.domain.slots import Limit

WARM_UP: tuple[tuple[int, float], ...] = ((3, 0.3), (7, 0.6))
"""(until this age in days, share of the limits): a new account starts slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A row of `rate_limits`: the more specific one wins as a whole (account, then tenant, then
    default).
    """

    client_id: UUID | None
    account_id: UUID | None
    platform: Platform
    kind: Kind
    per_hour: int | None
    per_day: int | None
    cooldown: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The limits of one scope. `at_once` bounds what is in flight."""

    scope: str
    limits: tuple[Limit, ...]
    at_once: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRate:
    """Starts per minute and at once of a lane over all replicas; None is unlimited."""

    per_minute: int | None = None
    at_once: int | None = None


class RateLimits:
    """All rate limits, looked up by what they hold for."""

    def __init__(self, rows: Sequence[RateLimit]) -> None:
        self._rows = {(r.client_id, r.platform, r.kind): r for r in rows if r.account_id is None}
        self._accounts = {(r.account_id, r.platform, r.kind): r for r in rows if r.account_id}

    def find(self, client: UUID, account: UUID, platform: Platform, kind: Kind) -> RateLimit | None:
        """The most specific row, or None where nothing limits this kind."""
        own = self._accounts.get((account, platform, kind)) if self._accounts else None
        rows = self._rows
        return own or rows.get((client, platform, kind)) or rows.get((None, platform, kind))


def warm_up_share(age_days: float) -> float:
    """The share of its limits that an account of this age may use."""
    for until, share in WARM_UP:
        if age_days < until:
            return share
    return 1.0


def account_rule(row: RateLimit, account_id: UUID, age_days: float) -> Rule:
    """The rule of one account and kind, warmed up by age (at least one use always remains)."""
    limits = _account_limits(row, warm_up_share(age_days))
    return Rule(scope=account_scope(account_id, row.kind), limits=limits)


def account_scope(account_id: UUID, kind: Kind) -> str:
    """What the uses of one account and kind are counted under."""
    return f"account:{account_id}:{kind}"


class PlannedRules:
    """The rules by which the accounts of a tenant are planned: with slack (`with_slack`).

    Thousands of accounts share few limits; each combination is worked out once.
    """

    def __init__(
        self, limits: RateLimits, *, client: UUID, platform: Platform, kinds: Sequence[Kind]
    ) -> None:
        self._limits = limits
        self._client = client
        self._platform = platform
        self._kinds = kinds
        self._known: dict[tuple[int, float], tuple[Limit, ...]] = {}

    def of(self, account_id: UUID, age_days: float) -> dict[Kind, Rule]:
        """The rule of each kind that is limited."""
        share = warm_up_share(age_days)
        rules = {}
        for kind in self._kinds:
            row = self._limits.find(self._client, account_id, self._platform, kind)
            if row is not None:
                scope = account_scope(account_id, kind)
                rules[kind] = Rule(scope=scope, limits=self._with_slack(row, share))
        return rules

    def _with_slack(self, row: RateLimit, share: float) -> tuple[Limit, ...]:
        known = self._known.get((id(row), share))
        if known is None:
            known = _slackened(_account_limits(row, share))
            self._known[(id(row), share)] = known
        return known


@lru_cache(maxsize=4096)
def _account_limits(row: RateLimit, share: float) -> tuple[Limit, ...]:
    limits: list[Limit] = []
    if row.cooldown > 0:
        limits.append(Limit(name="cooldown", count=1, window=row.cooldown))
    if row.per_hour is not None:
        limits.append(Limit(name="per_hour", count=max(1, int(row.per_hour * share)), window=HOUR))
    if row.per_day is not None:
        limits.append(Limit(name="per_day", count=max(1, int(row.per_day * share)), window=DAY))
    return tuple(limits)


def with_slack(rule: Rule) -> Rule:
    """The rule as plans keep it: a little wider, so that a call slightly late moves nobody.

    The slack is a fiftieth of the window, and two seconds at most.
    """
    return Rule(scope=rule.scope, limits=_slackened(rule.limits), at_once=rule.at_once)


@lru_cache(maxsize=4096)
def _slackened(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    return tuple(
        replace(limit, window=limit.window + min(limit.window // 50, 2 * SECOND))
        for limit in limits
    )


def post_rule(post_id: UUID, kind: Kind, count: int, window: Micros) -> Rule:
    """At most `count` members on one post in any window (A1)."""
    limit = Limit(name="per_post", count=count, window=window)
    return Rule(scope=f"post:{post_id}:{kind}", limits=(limit,))


def lane_rule(lane: Lane, rate: LaneRate) -> Rule | None:
    """The rule of a lane, or None where it has none (P4: five browser starts a minute, five at
    once).
    """
    if rate.per_minute is None and rate.at_once is None:
        return None
    limits: tuple[Limit, ...] = ()
    if rate.per_minute is not None:
        limits = (Limit(name="lane_per_minute", count=rate.per_minute, window=MINUTE),)
    return Rule(scope=f"lane:{lane}", limits=limits, at_once=rate.at_once)
