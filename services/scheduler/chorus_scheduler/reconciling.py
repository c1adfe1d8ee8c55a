"""Posts and consents compared with the ledger: what was lost on the way is made up for.

Every item by itself: one that fails is counted, told, and tried again later and later.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
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
from chorus_scheduler.commands.consents import call_off
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.item_backoff import ItemBackoff
from chorus_scheduler.messages import due_commands, publish_failed
from chorus_scheduler.mode_enforcement import enforce_modes
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import consents, decisions, reconciling
from chorus_scheduler.store.reconciling import Missed, MissedSearch, Unqueued, Untold

_log = structlog.get_logger(__name__)

_ACCOUNTS_AT_ONCE = 200
_FIRST_ACCOUNT = UUID(int=0)
_WEEK = timedelta(days=7)

M = TypeVar("M", bound=Missed)


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
        self._backoff = ItemBackoff()
        self._after_account = _FIRST_ACCOUNT

    async def unplanned(self) -> int:
        """Published posts whose event never arrived are planned all the same."""
        now = self._clock.now()
        async with self._pool.connection() as conn:
            posts = await reconciling.unplanned(conn, self._search(now), since=now - _WEEK)
        for post in posts:
            await self._one("unplanned", post, self._plan)
        return len(posts)

    async def _plan(self, post: Missed) -> None:
        request = PlanRequest(
            client_id=post.client_id,
            post_id=post.post_id,
            kinds=None,
            actor=decisions.SYSTEM,
            correlation_id=f"reconcile-{post.post_id}",
        )
        try:
            planning = await self._planner.plan(request)
        except SchedulerRefusal as error:
            await self._planner.give_up(request, error)
            return
        planned = len(planning.planned)
        _log.warning("post.planned_by_sweep", post_id=str(post.post_id), planned=planned)

    async def unqueued(self) -> int:
        """Queued posts whose event never arrived get their `publish` activity all the same."""
        async with self._pool.connection() as conn:
            posts = await reconciling.unqueued(conn, self._search(self._clock.now()))
        for post in posts:
            await self._one("unqueued", post, self._queue)
        return len(posts)

    async def _queue(self, post: Unqueued) -> None:
        event = PostQueued(
            client_id=post.client_id,
            post_id=post.post_id,
            pod_id=post.pod_id,
            account_id=post.author_account_id,
            platform=post.platform,
            text=post.text,
            scheduled_for=post.scheduled_for or self._clock.now(),
            priority=post.priority,
            correlation_id=post.correlation_id,
        )
        await self._publishing.queue(event)

    async def untold(self) -> int:
        """Posts whose end the gateway never heard of: it is told again.

        A command that is sent again makes its executor say again what came of it; it acts no more.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn:
            posts = await reconciling.untold(conn, self._search(now), since=now - _WEEK)
        for post in posts:
            await self._one("untold", post, self._tell)
        if posts:
            _log.warning("post.told_again", count=len(posts))
        return len(posts)

    async def _tell(self, post: Untold) -> None:
        now = self._clock.now()
        if post.end.state is State.EXECUTED:
            await self._publisher.send(due_commands([post.order], time=now))
        else:
            await self._publisher.send([publish_failed(post.end, now)])

    async def consents(self) -> int:
        """What an owner no longer agrees to is cancelled, and held what a member was to do who
        takes no part, should the gateway's word be lost. Returns how many were cancelled.

        Account by account, some of them in each round, however much is planned: the gateway's word
        comes at once, and each activity is asked about once more at hand-over and before its call.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            accounts = await consents.accounts_with_open(
                conn, after=self._after_account, limit=_ACCOUNTS_AT_ONCE
            )
            self._after_account = _FIRST_ACCOUNT
            if len(accounts) == _ACCOUNTS_AT_ONCE:
                self._after_account = accounts[-1]
            found = await consents.unagreed_of_accounts(conn, accounts, limit=500)
            cancelled = await call_off(conn, found, now=now, actor=decisions.SYSTEM)
            await enforce_modes(conn, self._clock, accounts, actor=decisions.SYSTEM, limit=500)
            return cancelled

    async def _one(self, sweep: str, post: M, work: Callable[[M], Awaitable[None]]) -> None:
        """Raises only where a dependency is away: then all of them wait."""
        tracing.current.set(tracing.start())
        try:
            await work(post)
        except Exception as error:
            if is_transient(error) or isinstance(error, DependencyUnavailable):
                raise
            metrics.activities.failed_items.labels(sweep).inc()
            times, again = self._backoff.failed(post.post_id, self._clock.now())
            fields = {"sweep": sweep, "post_id": str(post.post_id), "times": times}
            _log.exception("sweep.item_failed", again=again.isoformat(), **fields)
            if times == 1:
                await self._tell_of_failure(post, error, again)
        else:
            self._backoff.done(post.post_id)

    async def _tell_of_failure(self, post: Missed, error: Exception, again: datetime) -> None:
        kind = type(error).__name__
        when = again.isoformat(timespec="seconds")
        about = About(client_id=post.client_id, post_id=post.post_id)
        async with self._pool.connection() as conn, conn.transaction():
            told = reasons.SWEEP_FAILED(error=kind, when=when)
            await decisions.record(conn, [(about, told)])

    def _search(self, now: datetime) -> MissedSearch:
        return MissedSearch(
            before=now - timedelta(seconds=self._settings.reconcile_after),
            not_now=self._backoff.waiting(now),
            limit=100,
        )
