"""Rescheduling what stood still: parked by a pause that ended, or late because nothing ran.

It is placed like everything else, later by as long as it stood still: it keeps its order and its
distances. In batches, each a transaction: what is left over is found again by the next sweep.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chorus.clock import Clock
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.handover import Due, Verdicts
from chorus_scheduler.domain.instants import SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.placement import Interruption, NoPlace
from chorus_scheduler.domain.states import move
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import activities, decisions, parked, placing
from chorus_scheduler.store.due import Claimed
from chorus_scheduler.store.parked import Back, EndedPause, Parked
from chorus_scheduler.store.plan_inputs import lock_tenant

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came of a batch."""

    scheduled: int = 0
    expired: int = 0


class Unparking:
    """Brings back what ended pauses have parked."""

    def __init__(self, *, pool: Pool, clock: Clock, parked_expires: timedelta) -> None:
        self._pool = pool
        self._clock = clock
        self._parked_expires = parked_expires

    async def parked(self) -> int:
        """One batch of each ended pause that has something parked. Returns how many came back."""
        async with self._pool.connection() as conn:
            found = await parked.ended_pauses(conn)
        done = [await self.batch(pause) for pause in found]
        return sum(each.scheduled + each.expired for each in done)

    async def first_batch(self, pause_id: UUID) -> tuple[Returned, int]:
        """The first batch of a pause that ended just now, and how many are left to the sweep."""
        async with self._pool.connection() as conn:
            found = await parked.ended_pauses(conn, pause_id)
        if not found:
            return Returned(), 0
        done = await self.batch(found[0])
        async with self._pool.connection() as conn:
            return done, await parked.left(conn, pause_id)

    async def batch(self, pause: EndedPause) -> Returned:
        """Bring back the first that a pause has parked, of one tenant: one transaction."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            tenant = await parked.tenant_of(conn, pause.id)
            if tenant is None:
                return Returned()
            await lock_tenant(conn, tenant)
            claimed = await parked.claim(conn, pause.id, tenant, BATCH)
            if not claimed:
                return Returned()
            stale = pause.goes_on_at - self._parked_expires
            back = [each for each in claimed if each.parked_at >= stale]
            gone = [(each, _EXPIRED) for each in claimed if each.parked_at < stale]
            moved, nowhere = await _places(conn, back, _stood_still(pause, claimed), now)
            await _end(conn, [*gone, *nowhere], actor=pause.actor, now=now)
            await _schedule(conn, moved, actor=pause.actor, now=now)
        return Returned(scheduled=len(moved), expired=len(gone) + len(nowhere))


_EXPIRED = reasons.EXPIRED_WHILE_PAUSED()

Moved = tuple[Parked, Micros]
Ended = tuple[Parked, Decision]


def _stood_still(pause: EndedPause, claimed: Sequence[Parked]) -> Interruption:
    began = pause.late_from or claimed[0].due_at
    ended = max(pause.goes_on_at, began)
    return Interruption(began=to_micros(began), ended=to_micros(ended))


async def _places(
    conn: Connection, claimed: Sequence[Parked], stood_still: Interruption, now: datetime
) -> tuple[list[Moved], list[Ended]]:
    places = await placing.load(conn, claimed, now=now)
    least = to_micros(now)
    wishes = [
        (each.id, max(least, stood_still.resumed(to_micros(each.due_at)))) for each in claimed
    ]
    together = {activity for activity, _ in wishes}
    found = await asyncio.to_thread(places.place_all, wishes, moved_together=together)
    moved: list[Moved] = []
    nowhere: list[Ended] = []
    for each, place in zip(claimed, found, strict=True):
        if isinstance(place, NoPlace):
            nowhere.append((each, place.decision))
        else:
            moved.append((each, place.at))
    return moved, nowhere


async def _schedule(conn: Connection, moved: Sequence[Moved], *, actor: str, now: datetime) -> None:
    told: list[tuple[About, Decision]] = []
    back: list[Back] = []
    for each, at in moved:
        why = reasons.RESUMED(next_possible_at=at)
        told.append((about(each), why))
        back.append(Back(id=each.id, state=State.SCHEDULED, why=why, due_at=to_datetime(at)))
    if back:
        await parked.bring_back(conn, back, now=now)
        await decisions.record(conn, told, actor=actor)
        await activities.wake(conn)


async def _end(conn: Connection, ended: Sequence[Ended], *, actor: str, now: datetime) -> None:
    if not ended:
        return
    back = [Back(id=each.id, state=State.SKIPPED, why=why) for each, why in ended]
    await parked.bring_back(conn, back, now=now)
    await decisions.record(conn, [(about(each), why) for each, why in ended], actor=actor)
    await tell_unpublished(conn, [each.report(State.SKIPPED, why) for each, why in ended], now)


async def place_again(
    conn: Connection, verdicts: Verdicts, claimed: Sequence[Claimed], now: datetime
) -> None:
    """Give what is late or put off a place in its hours, beside what others booked.

    What is only looked at again in a moment keeps its time. What has no place any more is ended,
    with its reason.
    """
    least = to_micros(now)
    soon = least + _IN_A_MOMENT
    stay = [each for each in verdicts.put_off if each[0].looks_only or each[1] <= soon]
    off = [each for each in verdicts.put_off if not (each[0].looks_only or each[1] <= soon)]
    together = {due.id for due in verdicts.late if due.stood_still and due.resumes_at > least}
    absent = [(due, max(least, due.due_at), _ABSENT) for due in verdicts.absent]
    late = [
        (due, due.resumes_at, _LATE) if due.id in together else (due, least, _PASSED)
        for due in verdicts.late
    ]
    wishes = sorted((*off, *absent, *late), key=_wish)
    if not wishes:
        return
    by_id = {each.id: each for each in claimed}
    moves = [by_id[due.id] for due, _, _ in wishes]
    places = await placing.load(conn, moves, now=now, slack=False)
    asked = [(due.id, at) for due, at, _ in wishes]
    found = await asyncio.to_thread(places.place_all, asked, moved_together=together)
    verdicts.put_off = stay
    for (due, _, decision), place in zip(wishes, found, strict=True):
        if isinstance(place, NoPlace):
            verdicts.ended.append((due, move(due.state, State.SKIPPED), place.decision))
        else:
            why = _ABSENT if place.absent else decision
            told = replace(why, next_possible_at=place.at)
            verdicts.put_off.append((due, place.at, told))


def _wish(wish: tuple[Due, Micros, Decision]) -> Micros:
    return wish[1]


_IN_A_MOMENT = 5 * SECOND
_ABSENT = reasons.ABSENT()
_LATE = reasons.STOOD_STILL()
_PASSED = reasons.TIME_PASSED()
