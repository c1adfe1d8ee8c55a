"""What was held goes on when its member takes part again, and ends when its window has ended.

Participation is read anew in each transaction: whoever was held while the member came back is let
go in the next round, and whoever was let go while the member was disabled is held again, by the
sweep or at hand-over at the latest.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chorus.clock import Clock
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.instants import to_datetime, to_micros
from chorus_scheduler.domain.placement import NoPlace
from chorus_scheduler.domain.states import move
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import activities, decisions, held, placing
from chorus_scheduler.store.held import Held
from chorus_scheduler.store.parked import Back
from chorus_scheduler.store.plan_inputs import lock_tenant

BATCH = 500
_EXPIRED = reasons.EXPIRED_WHILE_HELD()


class Holding:
    """Lets go of what is held."""

    def __init__(self, *, pool: Pool, clock: Clock, patience: timedelta) -> None:
        self._pool = pool
        self._clock = clock
        self._patience = patience

    async def held(self) -> int:
        """One batch of each tenant that has something to let go. Returns how many went on or
        ended.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn:
            found = await held.tenants(conn, now=now, patience=self._patience)
        return sum([await self._batch(tenant) for tenant in found])

    async def _batch(self, tenant: UUID) -> int:
        """One transaction, under the tenant's lock: nothing is planned into these places
        meanwhile.
        """
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            await lock_tenant(conn, tenant)
            claimed = await held.claim(conn, tenant, now=now, patience=self._patience, limit=BATCH)
            back = [each for each in claimed if each.window_ends >= now]
            entries = [(each, _ended(each, _EXPIRED)) for each in claimed if each.window_ends < now]
            entries += await _places(conn, back, now)
            await _store(conn, entries, now)
        return len(claimed)


async def _places(conn: Connection, back: Sequence[Held], now: datetime) -> list[tuple[Held, Back]]:
    """A place for each. Whose own time is to come is wished for then, and keeps its distance to the
    others; whose has passed has none, and keeps to a pace.
    """
    if not back:
        return []
    places = await placing.load(conn, back, now=now)
    least = to_micros(now)
    wishes = sorted(
        ((max(least, to_micros(each.due_at)), each) for each in back), key=lambda wish: wish[0]
    )
    ahead = {each.id for at, each in wishes if at > least}
    asked = [(each.id, at) for at, each in wishes]
    found = await asyncio.to_thread(places.place_all, asked, moved_together=ahead)
    return [
        (each, _ended(each, place.decision) if isinstance(place, NoPlace) else _on(each, place.at))
        for (_, each), place in zip(wishes, found, strict=True)
    ]


def _on(each: Held, at: int) -> Back:
    why = reasons.TAKES_PART_AGAIN(next_possible_at=at)
    return Back(id=each.id, state=move(each.state, each.state), why=why, due_at=to_datetime(at))


def _ended(each: Held, why: Decision) -> Back:
    return Back(id=each.id, state=move(each.state, State.SKIPPED), why=why)


async def _store(conn: Connection, entries: Sequence[tuple[Held, Back]], now: datetime) -> None:
    if not entries:
        return
    await held.let_go(conn, [back for _, back in entries], now=now)
    await decisions.record(conn, [(about(each), back.why) for each, back in entries])
    over = [each.report(back.state, back.why) for each, back in entries if back.due_at is None]
    await tell_unpublished(conn, over, now)
    await activities.wake(conn)
