"""Limits and pod policies, kept for a moment: they change rarely and are needed for every batch."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pydantic import ValidationError

from chorus.documents import PodPolicy
from chorus.documents.limits import LimitKey, RemoveLimit, SetLimit
from chorus.postgres.pool import Connection
from chorus.postgres.queries import load
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.limits import RateLimit, RateLimits

SQL = load("chorus_scheduler.store", "limits.sql")
_MICROSECOND = timedelta(microseconds=1)
_log = structlog.get_logger(__name__)


async def rate_limits(conn: Connection) -> RateLimits:
    """All rate limits."""
    rows = await (await conn.execute(SQL.rate_limits)).fetchall()
    return RateLimits(
        [
            RateLimit(
                client_id=row["client_id"],
                account_id=row["account_id"],
                platform=Platform(row["platform"]),
                kind=Kind(row["kind"]),
                per_hour=row["per_hour"],
                per_day=row["per_day"],
                cooldown=row["cooldown"] // _MICROSECOND,
                narrows=row["narrows"],
                by_owner=row["by_owner"],
            )
            for row in rows
        ]
    )


async def put(conn: Connection, command: SetLimit, *, now: datetime) -> bool:
    """Insert or replace; False where another row stands there than the one that was seen."""
    amounts = command.amounts
    values = {
        **_key(command),
        "actor": command.actor,
        "now": now,
        "per_hour": amounts.per_hour,
        "per_day": amounts.per_day,
        "cooldown": timedelta(seconds=amounts.cooldown_seconds),
        "narrows": command.narrows,
    }
    query = SQL.insert_limit if command.seen is None else SQL.update_limit
    return (await conn.execute(query, values)).rowcount == 1


async def remove(conn: Connection, command: RemoveLimit) -> bool:
    """False where the row that was seen is not there."""
    return (await conn.execute(SQL.remove_limit, _key(command))).rowcount == 1


def _key(command: LimitKey) -> dict[str, object]:
    return {
        "client_id": command.client_id,
        "account_id": command.account_id,
        "platform": command.platform,
        "kind": command.kind,
        "by_owner": command.by_owner,
        "seen": command.seen,
    }


async def pod_policies(conn: Connection, pods: Iterable[UUID]) -> dict[UUID, PodPolicy]:
    """The policies of pods. One that cannot be read falls back to the defaults, and says so."""
    cursor = await conn.execute(SQL.pod_policies, {"pods": list(pods)})
    return {
        row["pod_id"]: read_policy(row["pod_id"], row["policy"]) for row in await cursor.fetchall()
    }


def read_policy(pod_id: UUID, document: object) -> PodPolicy:
    """A pod's policy; the considerate defaults where it cannot be read."""
    try:
        return PodPolicy.model_validate(document)
    except ValidationError as error:
        _log.error("policy.not_read", pod_id=str(pod_id), faults=error.error_count())
        return PodPolicy()


class KeptLimits:
    """`rate_limits` and `pod_policies`, read again when older than `keep`, and where the clock that
    says so has stepped back.
    """

    def __init__(self, keep: timedelta = timedelta(seconds=2)) -> None:
        self._keep = keep
        self._limits: RateLimits | None = None
        self._policies: dict[UUID, PodPolicy] = {}
        self._read_at: datetime | None = None

    async def get(
        self, conn: Connection, pods: Iterable[UUID], now: datetime
    ) -> tuple[RateLimits, dict[UUID, PodPolicy]]:
        """The limits, and the policies of at least these pods."""
        kept = self._read_at is not None and timedelta(0) <= now - self._read_at <= self._keep
        if self._limits is None or not kept:
            self._limits = await rate_limits(conn)
            self._policies = {}
            self._read_at = now
        missing = set(pods) - self._policies.keys()
        if missing:
            self._policies.update(await pod_policies(conn, missing))
            for pod in missing - self._policies.keys():
                self._policies[pod] = PodPolicy()
        return self._limits, self._policies
