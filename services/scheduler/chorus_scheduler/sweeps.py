"""Sweeps: whatever stands still beyond its lease, or was lost on the way, is taken up again."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from chorus import tracing
from chorus.clock import Clock
from chorus.events import PostQueued
from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Pool
from chorus.vocabulary import State
from chorus_scheduler.commands import due_commands, publish_failed
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.ends import tell_ended
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.ground import Request
from chorus_scheduler.leases import send_again
from chorus_scheduler.planning import Planner
from chorus_scheduler.publishing import PublishPlanner
from chorus_scheduler.repeating import repeat
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.steering import cancel_unagreed
from chorus_scheduler.store import decisions, gates
from chorus_scheduler.store.rows import QUERIES

_log = structlog.get_logger(__name__)

_UNAPPROVED = Decision(
    code="approval_expired", sentence="Nobody approved it before its time had passed."
)


class Sweeper:
    """Two loops: leases and approvals every second, posts and consents less often."""

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
        self._stopping = asyncio.Event()

    async def stop(self) -> None:
        """Return from `run` after the sweep under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Sweep until stopped."""
        stopping = self._stopping
        quick = repeat(stopping, self._settings.sweep_seconds, self.leases, self.approvals)
        slow = repeat(
            stopping,
            self._settings.reconcile_seconds,
            self.unplanned,
            self.unqueued,
            self.untold,
            self.consents,
            self.gates,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(quick)
            group.create_task(slow)

    async def leases(self) -> int:
        """Send again what was handed over and shows no outcome; the execution number stays the
        same.
        """
        return await send_again(self._pool, self._publisher, self._settings, now=self._clock.now())

    async def gates(self) -> int:
        """Free the places in gates that nobody holds any more, should anybody have forgotten."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            freed = await gates.free_forgotten(conn, now=now, limit=500)
        if freed:
            _log.warning("gates.freed", count=freed)
        return freed

    async def approvals(self) -> int:
        """What nobody approved in time is skipped, with its reason."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            cursor = await conn.execute(QUERIES.expire_approvals, {"now": now, "limit": 500})
            rows = await cursor.fetchall()
            await decisions.record(conn, [(_about(row), _UNAPPROVED) for row in rows])
            await tell_ended(conn, rows, now)
        return len(rows)

    async def unplanned(self) -> int:
        """Published posts whose event never arrived are planned all the same."""
        now = self._clock.now()
        before = now - timedelta(seconds=self._settings.reconcile_after)
        rows = await self._read("unplanned_posts", since=now - timedelta(days=7), before=before)
        for row in rows:
            await self._plan(row["client_id"], row["post_id"])
        return len(rows)

    async def _plan(self, client_id: UUID, post_id: UUID) -> None:
        request = Request(
            client_id=client_id,
            post_id=post_id,
            kinds=None,
            actor=decisions.SYSTEM,
            correlation_id=f"reconcile-{post_id}",
        )
        tracing.current.set(tracing.start())
        try:
            planning = await self._planner.plan(request)
        except SchedulerRefusal as error:
            await self._planner.give_up(request, error)
            return
        _log.warning("post.planned_by_sweep", post_id=str(post_id), planned=len(planning.planned))

    async def unqueued(self) -> int:
        """Queued posts whose event never arrived get their `publish` activity all the same."""
        before = self._clock.now() - timedelta(seconds=self._settings.reconcile_after)
        rows = await self._read("unqueued_posts", before=before)
        for row in rows:
            tracing.current.set(tracing.start())
            await self._publishing.queue(
                PostQueued(
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
            )
        return len(rows)

    async def untold(self) -> int:
        """Posts whose end the gateway never heard of: it is told again.

        A command that is sent again makes its executor say again what came of it; it acts no more.
        """
        now = self._clock.now()
        before = now - timedelta(seconds=self._settings.reconcile_after)
        rows = await self._read("untold_posts", since=now - timedelta(days=7), before=before)
        done = [row for row in rows if row["state"] == State.EXECUTED]
        await self._publisher.send(due_commands(done, time=now))
        await self._publisher.send([publish_failed(r, now) for r in rows if r not in done])
        if rows:
            _log.warning("posts.told_again", count=len(rows))
        return len(rows)

    async def consents(self) -> int:
        """What an owner no longer agrees to is cancelled, should the gateway's word be lost.

        Looks some hours ahead; what lies further is looked at when it comes nearer, and each is
        looked at once more at hand-over and before its call.
        """
        now = self._clock.now()
        ahead = now + timedelta(seconds=self._settings.reconcile_ahead)
        async with self._pool.connection() as conn, conn.transaction():
            parameters = {"until": ahead, "limit": 500}
            cursor = await conn.execute(QUERIES.unagreed_and_due_soon, parameters)
            rows = await cursor.fetchall()
            return await cancel_unagreed(conn, rows, now=now, actor=decisions.SYSTEM)

    async def _read(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        async with self._pool.connection() as conn:
            cursor = await conn.execute(QUERIES[query], {**parameters, "limit": 100})
            return list(await cursor.fetchall())


def _about(row: dict[str, Any]) -> About:
    return About(
        client_id=row["client_id"],
        activity_id=row["id"],
        post_id=row["post_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        correlation_id=row["correlation_id"],
    )
