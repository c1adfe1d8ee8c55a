"""Watches come and go with who wants them: members, pods, consents and connections are compared
with what is looked after, and nobody has to say it.
"""

from collections.abc import Sequence

import structlog

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import Kind, WatchKind
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.instants import SECOND, to_datetime, to_micros
from chorus_scheduler.domain.watches import BEGAN, NOT_WANTED, first_look
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import decisions, watches
from chorus_scheduler.store.watches import Begin, Changed, Wanted

_log = structlog.get_logger(__name__)
_AT_ONCE = 1000


class WatchReconciler:
    """A round ends what nobody wants, begins what somebody wants, and keeps the pace asked for."""

    def __init__(self, *, pool: Pool, clock: Clock, settings: SchedulerSettings) -> None:
        self._pool = pool
        self._clock = clock
        self._status_every = settings.status_every

    async def watches(self) -> int:
        """Returns how many began or ended."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            ended = await watches.end_unwanted(conn, NOT_WANTED, now=now, limit=_AT_ONCE)
            await _tell(conn, ended, NOT_WANTED)
        async with self._pool.connection() as conn, conn.transaction():
            wanted = await watches.missing(conn, status_every=self._status_every, limit=_AT_ONCE)
            begun = await self._begin(conn, wanted) if wanted else []
            await _tell(conn, begun, BEGAN[WatchKind.POSTS_OF_ACCOUNT])
        async with self._pool.connection() as conn, conn.transaction():
            await watches.pace(conn, status_every=self._status_every, now=now, limit=_AT_ONCE)
        if ended or begun:
            _log.info("watch.reconciled", began=len(begun), ended=len(ended))
        return len(ended) + len(begun)

    async def _begin(self, conn: Connection, wanted: Sequence[Wanted]) -> list[Changed]:
        now = self._clock.now()
        beginning = []
        for each in wanted:
            watch_id = new_id()
            first = first_look(watch_id, each.every_seconds * SECOND, to_micros(now))
            beginning.append(Begin(id=watch_id, wanted=each, next_at=to_datetime(first)))
        return await watches.begin(conn, beginning, now=now)


async def _tell(conn: Connection, changed: Sequence[Changed], why: Decision) -> None:
    """Of new posts alone: that a sign-in is looked at is nobody's decision."""
    told = [each for each in changed if each.kind == WatchKind.POSTS_OF_ACCOUNT]
    await decisions.record(conn, [(_about(each), why) for each in told])


def _about(watch: Changed) -> About:
    return About(
        client_id=watch.client_id,
        account_id=watch.account_id,
        kind=Kind.DETECT_POSTS,
        correlation_id=str(watch.id),
    )
