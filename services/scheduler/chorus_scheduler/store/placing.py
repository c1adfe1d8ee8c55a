"""What a place is looked for in: rules, hours and what is booked, loaded for many moves at once."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import structlog
from psycopg.rows import tuple_row

from chorus.documents import CONSIDERATE, ActiveHoursDocument, PodPolicy
from chorus.postgres import queries
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.hours import Absence, ActiveHours, Window, present_in
from chorus_scheduler.domain.instants import SECOND, Micros
from chorus_scheduler.domain.limits import (
    RateLimits,
    Rule,
    account_rule,
    post_rule,
    with_slack,
)
from chorus_scheduler.domain.placement import (
    HORIZON,
    Booked,
    NoPlace,
    Placement,
    pace_rule,
    patience,
    place,
)
from chorus_scheduler.store.limits import pod_policies, rate_limits
from chorus_scheduler.store.rows import Row, as_array

SQL = queries.load("chorus_scheduler.store", "placing.sql")
_ANY_TIME = '"any_time"'
_CONSIDERATE = CONSIDERATE.model_dump_json()
_NEVER = ActiveHours(zone=UTC, opens=time(0), closes=time(0), days=frozenset())
OF_PODS = frozenset({Kind.LIKE, Kind.COMMENT, Kind.REPOST})
_log = structlog.get_logger(__name__)


class Moving(Protocol):
    """An activity, or what was read of it, that is to have another place."""

    @property
    def id(self) -> UUID: ...
    @property
    def client_id(self) -> UUID: ...
    @property
    def post_id(self) -> UUID: ...
    @property
    def pod_id(self) -> UUID | None: ...
    @property
    def account_id(self) -> UUID: ...
    @property
    def platform(self) -> Platform: ...
    @property
    def kind(self) -> Kind: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for one activity."""

    rules: tuple[Rule, ...]
    hours: ActiveHours | None
    pace: Rule | None
    patience: Micros
    """How long absences may hold it up."""


class Places:
    """Places for the activities that it was loaded for; what it gives away is booked."""

    def __init__(self, terms: dict[UUID, Terms], taken: dict[str, list[Micros]]) -> None:
        self._terms = terms
        self._taken = Booked(taken)

    def place(self, activity_id: UUID, desired: Micros, *, late: bool) -> Placement | NoPlace:
        """A place at or after `desired`.

        `late`: it is wished for now because its own time has passed, and has no distance to the
        others that would have to be kept.
        """
        terms = self._terms[activity_id]
        return place(
            desired,
            rules=terms.rules,
            hours=terms.hours,
            pace=terms.pace,
            patience=terms.patience,
            taken=self._taken,
            late=late,
        )

    def place_all(
        self, wishes: Sequence[tuple[UUID, Micros]], *, moved_together: AbstractSet[UUID]
    ) -> list[Placement | NoPlace]:
        """A place for each, in this order: the first wish first, so that nobody overtakes.

        Those that were moved together keep the distances they had; any other has none.
        """
        return [
            self.place(activity, desired, late=activity not in moved_together)
            for activity, desired in wishes
        ]


async def load(
    conn: Connection, moving: Sequence[Moving], *, now: datetime, slack: bool = True
) -> Places:
    """All that these activities need; what they have booked themselves does not count.

    With `slack` limits are kept as plans keep them, without as at hand-over. A handful of queries,
    however many they are.
    """
    accounts = await _accounts(conn, {each.account_id for each in moving})
    limits = await rate_limits(conn)
    policies = await pod_policies(conn, {each.pod_id for each in moving if each.pod_id})
    taken, totals = await _taken(conn, moving, now)
    common = _Common(limits=limits, policies=policies, totals=totals, now=now, slack=slack)
    terms = {each.id: _terms(each, accounts.get(each.account_id), common) for each in moving}
    return Places(terms, taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    limits: RateLimits
    policies: dict[UUID, PodPolicy]
    totals: dict[str, int]
    now: datetime
    slack: bool


async def _accounts(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Row]:
    cursor = await conn.execute(SQL.account_hours, {"accounts": list(ids)})
    return {row["account_id"]: row for row in await cursor.fetchall()}


def _terms(each: Moving, account: Row | None, common: _Common) -> Terms:
    rules: list[Rule] = []
    found = common.limits.find(each.client_id, each.account_id, each.platform, each.kind)
    if found is not None and account is not None:
        age = (common.now - account["warms_from"]) / timedelta(days=1)
        rules.append(account_rule(found, each.account_id, age))
    pace, patient = None, HORIZON
    if each.pod_id is not None and each.kind in OF_PODS:
        policy = getattr(common.policies.get(each.pod_id, _DEFAULT), each.kind)
        if policy.per_post is not None:
            window = int(policy.per_post.per_seconds * SECOND)
            rules.append(post_rule(each.post_id, each.kind, policy.per_post.count, window))
        scope = post_scope(each.post_id, each.kind)
        spread = int((policy.to_seconds - policy.from_seconds) * SECOND)
        pace = pace_rule(scope, spread=spread, total=common.totals.get(scope, 1))
        patient = patience(policy.to_seconds)
    hours = _hours_of_row(account) if account else None
    rules = [with_slack(rule) for rule in rules] if common.slack else rules
    return Terms(rules=tuple(rules), hours=hours, pace=pace, patience=patient)


def _hours_of_row(row: Row) -> ActiveHours | None:
    return hours_of(row["active_hours"], row["timezone"], row["away"])


_DEFAULT = PodPolicy()


def kind_scope(account_id: UUID, kind: Kind | str) -> str:
    """The scope of what an account does of a kind."""
    return f"account:{account_id}:{kind}"


def post_scope(post_id: UUID, kind: Kind | str) -> str:
    """The scope of what is done on a post."""
    return f"post:{post_id}:{kind}"


async def _taken(
    conn: Connection, moving: Sequence[Moving], now: datetime
) -> tuple[dict[str, list[Micros]], dict[str, int]]:
    """What others use or have booked, sorted, by scope; and how many take part, by post's scope."""
    accounts = {(each.account_id, each.kind) for each in moving}
    posts = {(each.post_id, each.kind) for each in moving if each.kind in OF_PODS}
    parameters = {
        "now": now,
        "moving": as_array([each.id for each in moving]),
        "accounts": as_array([account for account, _ in accounts]),
        "account_kinds": [str(kind) for _, kind in accounts],
        "posts": as_array([post for post, _ in posts]),
        "post_kinds": [str(kind) for _, kind in posts],
    }
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(SQL.booked_by_others, parameters, prepare=True, binary=True)
    taken: dict[str, list[Micros]] = {}
    totals: dict[str, int] = {}
    for scope, instant, total in await cursor.fetchall():
        if instant is not None:
            taken.setdefault(scope, []).append(instant)
        if total is not None:
            totals[scope] = total
    for instants in taken.values():
        instants.sort()
    return taken, totals


def hours_of(document: str | None, zone: str | None, away: str | None = None) -> ActiveHours | None:
    """The hours in force of an account, by what is stored of it: considerate ones where nobody
    chose any, none where any time was chosen and nobody is away. Without a zone they are UTC's;
    hours that cannot be read never open. `away`: JSON, pairs of the first and the last day.
    """
    if document == _ANY_TIME:
        return presence_of(zone, away)
    return _hours_of(document or _CONSIDERATE, zone or "UTC", away)


def presence_of(zone: str | None, away: str | None) -> ActiveHours | None:
    """Any time but for the absences; None where there are none."""
    return None if away is None else _presence_of(zone or "UTC", away)


@lru_cache(maxsize=1024)
def _presence_of(zone: str, away: str) -> ActiveHours:
    try:
        return present_in(ZoneInfo(zone), _absences(away))
    except (ValueError, KeyError, OSError) as error:
        _log.error("account.absences_not_read", error=type(error).__name__)
        return _NEVER


def _absences(away: str | None) -> tuple[Absence, ...]:
    pairs = orjson.loads(away) if away else []
    return tuple(
        Absence(first=date.fromisoformat(first), last=date.fromisoformat(last))
        for first, last in pairs
    )


@lru_cache(maxsize=1024)
def _hours_of(document: str, zone: str, away: str | None) -> ActiveHours:
    """A pod has few that differ, whatever its size."""
    try:
        hours = ActiveHoursDocument.model_validate_json(document)
        where, absences = ZoneInfo(zone), _absences(away)
    except (ValueError, KeyError, OSError) as error:
        _log.error("active_hours.not_read", error=type(error).__name__)
        return _NEVER
    return ActiveHours(
        zone=where,
        opens=hours.opens,
        closes=hours.closes,
        days=frozenset(hours.days),
        others=tuple(Window(opens=each.opens, closes=each.closes) for each in hours.windows),
        away=absences,
    )
