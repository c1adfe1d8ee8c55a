"""Posts and consents compared with the ledger: what was lost on the way is made up for.

Every item by itself: one that fails is counted, told, and tried again later and later.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.errors import DependencyUnavailable
from chorus.events import PostQueued
from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Pool
from chorus.postgres.transient import is_transient
from chorus.telemetry import metrics, tracing
from chorus.vocabulary import State
from chorus_scheduler.commands import due_commands, publish_failed
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.ground import Request
from chorus_scheduler.planning import Planner
from chorus_scheduler.publishing import PublishPlanner
from chorus_scheduler.setbacks import Setbacks
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.steering import cancel_unagreed
from chorus_scheduler.store import decisions
from chorus_scheduler.store.rows import QUERIES

_log = structlog.get_logger(__name__)

_ACCOUNTS_AT_ONCE = 200
_FIRST_ACCOUNT = UUID(int=0)


class Reconciler:
    """The slow sweeps."""

    def __init__(
        self,
        *,
        pool: Pool,
        publisher: Publisher,
        clock: Clock,
        settings: SchedulerSettings,
        planner: Planner,
        publishing: PublishPlanner,
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._settings = settings
        self._planner = planner
        self._publishing = publishing
        self._setbacks = Setbacks()
        self._after_account = _FIRST_ACCOUNT

    async def unplanned(self) -> int:
        """Published posts whose event never arrived are planned all the same."""
        now = self._clock.now()
        rows = await self._read("unplanned_posts", since=now - timedelta(days=7))
        for row in rows:
            await self._one("unplanned", row, self._plan)
        return len(rows)

    async def _plan(self, row: dict[str, Any]) -> None:
        request = Request(
            client_id=row["client_id"],
            post_id=row["post_id"],
            kinds=None,
            actor=decisions.SYSTEM,
            correlation_id=f"reconcile-{row['post_id']}",
        )
        try:
            planning = await self._planner.plan(request)
        except SchedulerRefusal as error:
            await self._planner.give_up(request, error)
            return
        planned = len(planning.planned)
        _log.warning("post.planned_by_sweep", post_id=str(row["post_id"]), planned=planned)

    async def unqueued(self) -> int:
        """Queued posts whose event never arrived get their `publish` activity all the same."""
        rows = await self._read("unqueued_posts")
        for row in rows:
            await self._one("unqueued", row, self._queue)
        return len(rows)

    async def _queue(self, row: dict[str, Any]) -> None:
        event = PostQueued(
            client_id=row["client_id"],
            post_id=row["post_id"],
            pod_id=row["pod_id"],
            account_id=row["author_account_id"],
            platform=row["platform"],
            text=row["text"],
            scheduled_for=row["scheduled_for"] or self._clock.now(),
            priority=row["priority"],
            correlation_id=row["correlation_id"],
        )
        await self._publishing.queue(event)

    async def untold(self) -> int:
        """Posts whose end the gateway never heard of: it is told again.

        A command that is sent again makes its executor say again what came of it; it acts no more.
        """
        rows = await self._read("untold_posts", since=self._clock.now() - timedelta(days=7))
        for row in rows:
            await self._one("untold", row, self._tell)
        if rows:
            _log.warning("posts.told_again", count=len(rows))
        return len(rows)

    async def _tell(self, row: dict[str, Any]) -> None:
        now = self._clock.now()
        if row["state"] == State.EXECUTED:
            await self._publisher.send(due_commands([row], time=now))
        else:
            await self._publisher.send([publish_failed(row, now)])

    async def consents(self) -> int:
        """What an owner no longer agrees to is cancelled, should the gateway's word be lost.

        Account by account, some of them in each round, however much is planned: the gateway's word
        comes at once, and each activity is asked about once more at hand-over and before its call.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            asked = {"after": self._after_account, "limit": _ACCOUNTS_AT_ONCE}
            found = await (await conn.execute(QUERIES.accounts_with_open, asked)).fetchall()
            accounts = [row["account_id"] for row in found]
            self._after_account = _FIRST_ACCOUNT
            if len(accounts) == _ACCOUNTS_AT_ONCE:
                self._after_account = accounts[-1]
            parameters = {"accounts": accounts, "limit": 500}
            cursor = await conn.execute(QUERIES.unagreed_of_accounts, parameters)
            rows = await cursor.fetchall()
            return await cancel_unagreed(conn, rows, now=now, actor=decisions.SYSTEM)

    async def _one(
        self, sweep: str, row: dict[str, Any], work: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        """Raises only where a dependency is away: then all of them wait."""
        tracing.current.set(tracing.start())
        try:
            await work(row)
        except Exception as error:
            if is_transient(error) or isinstance(error, DependencyUnavailable):
                raise
            metrics.activities.failed_items.labels(sweep).inc()
            times, again = self._setbacks.failed(row["post_id"], self._clock.now())
            fields = {"sweep": sweep, "post_id": str(row["post_id"]), "times": times}
            _log.exception("sweep.item_failed", again=again.isoformat(), **fields)
            if times == 1:
                await self._tell_of_failure(row, error, again)
        else:
            self._setbacks.done(row["post_id"])

    async def _tell_of_failure(
        self, row: dict[str, Any], error: Exception, again: datetime
    ) -> None:
        kind = type(error).__name__
        when = again.isoformat(timespec="seconds")
        about = About(client_id=row["client_id"], post_id=row["post_id"])
        async with self._pool.connection() as conn, conn.transaction():
            told = reasons.SWEEP_FAILED(error=kind, when=when)
            await decisions.record(conn, [(about, told)])

    async def _read(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        now = self._clock.now()
        asked = {
            **parameters,
            "before": now - timedelta(seconds=self._settings.reconcile_after),
            "not_now": self._setbacks.waiting(now),
            "limit": 100,
        }
        async with self._pool.connection() as conn:
            cursor = await conn.execute(QUERIES[query], asked)
            return list(await cursor.fetchall())
