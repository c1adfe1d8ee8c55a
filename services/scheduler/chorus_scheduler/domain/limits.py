"""Which limits hold for an account, a post and a lane, and how they are named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from chorus.vocabulary import Kind, Lane, Platform
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND, Micros
from chorus_scheduler.domain.sliding_windows import Limit

WARM_UP: tuple[tuple[int, float], ...] = ((3, 0.3), (7, 0.6))
"""(until this age in days, share of the limits): a new account starts slowly, and one that goes on
after a challenge as slowly.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A row of `rate_limits`, of an account, of a tenant, or of everybody.

    narrows: the more general one holds beside it. Otherwise it holds in the other's place.
    by_owner: the word of the account's owner, beside what admins set for the account.
    """

    client_id: UUID | None
    account_id: UUID | None
    platform: Platform
    kind: Kind
    per_hour: int | None
    per_day: int | None
    cooldown: Micros
    narrows: bool = False
    by_owner: bool = False

    def beside(self, general: "RateLimit | None") -> "RateLimit":
        """What holds where the `general` one is the next more general."""
        if general is None or not self.narrows:
            return self
        return replace(
            self,
            per_hour=_least(self.per_hour, general.per_hour),
            per_day=_least(self.per_day, general.per_day),
            cooldown=max(self.cooldown, general.cooldown),
        )


def _least(one: int | None, other: int | None) -> int | None:
    return min((amount for amount in (one, other) if amount is not None), default=None)


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
        self._rows: dict[tuple[UUID | None, Platform, Kind], RateLimit] = {}
        self._accounts: dict[tuple[UUID, Platform, Kind], RateLimit] = {}
        for row in sorted(rows, key=_most_general_first):
            if row.account_id is None:
                general = self._rows.get((None, row.platform, row.kind))
                self._rows[row.client_id, row.platform, row.kind] = row.beside(general)
                continue
            own = (row.account_id, row.platform, row.kind)
            general = self._accounts.get(own)
            if general is None and row.client_id is not None:
                general = self.of_tenant(row.client_id, row.platform, row.kind)
            self._accounts[own] = row.beside(general)

    @property
    def of_accounts(self) -> bool:
        """Whether any account has limits of its own."""
        return bool(self._accounts)

    def find(self, client: UUID, account: UUID, platform: Platform, kind: Kind) -> RateLimit | None:
        """The most specific row with what holds beside it; None: nothing limits this kind."""
        own = self.of_account(account, platform, kind) if self._accounts else None
        return own or self.of_tenant(client, platform, kind)

    def of_account(self, account: UUID, platform: Platform, kind: Kind) -> RateLimit | None:
        """The account's own row."""
        return self._accounts.get((account, platform, kind))

    def of_tenant(self, client: UUID, platform: Platform, kind: Kind) -> RateLimit | None:
        """The tenant's row, or the default."""
        rows = self._rows
        return rows.get((client, platform, kind)) or rows.get((None, platform, kind))

    def of_platform(self, client: UUID, account: UUID, platform: Platform) -> list[RateLimit]:
        """What holds for an account, one row a kind, in the order of the vocabulary."""
        found = (self.find(client, account, platform, kind) for kind in Kind)
        return [row for row in found if row is not None]


def _most_general_first(row: RateLimit) -> tuple[bool, bool, bool]:
    return (row.client_id is not None, row.account_id is not None, row.by_owner)


def warm_up_share(age_days: float) -> float:
    """The share of its limits that an account of this age may use."""
    for until, share in WARM_UP:
        if age_days < until:
            return share
    return 1.0


def account_rule(row: RateLimit, account_id: UUID, age_days: float) -> Rule:
    """The rule of one account and kind, warmed up by age (at least one use always remains)."""
    limits = _account_limits(row, warm_up_share(age_days))
    return Rule(scope=f"account:{account_id}:{row.kind}", limits=limits)


class PlannedRules:
    """The rules by which the accounts of a tenant are planned: with slack (`with_slack`).

    Thousands of accounts share few limits; what they have in common is worked out once.
    """

    def __init__(
        self, limits: RateLimits, *, client: UUID, platform: Platform, kinds: Sequence[Kind]
    ) -> None:
        self._limits = limits
        self._platform = platform
        self._general = [(kind, limits.of_tenant(client, platform, kind)) for kind in kinds]
        self._shared: dict[float, list[tuple[Kind, tuple[Limit, ...]]]] = {}

    def of(self, account_id: UUID, scope: str, age_days: float) -> dict[Kind, Rule]:
        """The rule of each kind that is limited; `scope` is `account:<id>`."""
        share = warm_up_share(age_days)
        if self._limits.of_accounts:
            known = self._with_slack(share, account_id)
        else:
            shared = self._shared.get(share)
            known = self._with_slack(share, None) if shared is None else shared
            self._shared[share] = known
        return {kind: Rule(scope=f"{scope}:{kind}", limits=limits) for kind, limits in known}

    def _with_slack(
        self, share: float, account: UUID | None
    ) -> list[tuple[Kind, tuple[Limit, ...]]]:
        found = [
            (kind, (account and self._limits.of_account(account, self._platform, kind)) or general)
            for kind, general in self._general
        ]
        return [(kind, _slackened(_account_limits(row, share))) for kind, row in found if row]


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
