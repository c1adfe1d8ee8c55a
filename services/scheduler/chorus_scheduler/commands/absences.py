"""An account's owner goes away, or is back: what is planned is placed again.

The days themselves are in force as soon as the gateway has stored them: whatever is placed reads
them, and so does the last look before each call. Should this word be lost, what is planned in an
absence is moved when it is due.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock
from chorus.documents.absences import AbsencesApplied
from chorus.postgres.pool import Connection
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.hours import ActiveHours, present_from
from chorus_scheduler.domain.instants import Micros, to_micros
from chorus_scheduler.domain.placement import NoPlace
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import absences, accounts, activities, decisions, placing
from chorus_scheduler.store.absences import Movable, Move
from chorus_scheduler.store.placing import Places
from chorus_scheduler.store.plan_inputs import lock_tenant

_MOST = 2_000
_MOVED = frozenset({reasons.ABSENT.code, reasons.MOVED_BY_ABSENCE.code})

Gone = tuple[Movable, Decision]


async def apply(
    conn: Connection, clock: Clock, *, client_id: UUID, account_id: UUID, actor: str
) -> AbsencesApplied:
    """What lies in an absence has a place after it, or ends; what one moved that is over has an
    earlier place.
    """
    await lock_tenant(conn, client_id)
    now = clock.now()
    standing = (await accounts.standings(conn, [account_id])).get(account_id)
    presence = standing.presence if standing is not None else None
    found = await absences.planned(conn, client_id=client_id, account_id=account_id, limit=_MOST)
    moving = [each for each in found if _has_to_move(each, presence, to_micros(now))]
    if not moving:
        return AbsencesApplied(moved=0, ended=0)
    places = await placing.load(conn, moving, now=now)
    moves, gone = await asyncio.to_thread(_place, places, moving, presence, to_micros(now))
    await _store(conn, moves, gone, actor=actor, now=now)
    return AbsencesApplied(moved=len(moves), ended=len(gone))


def _has_to_move(each: Movable, presence: ActiveHours | None, now: Micros) -> bool:
    due = to_micros(each.due_at)
    return _is_away(presence, due) or (
        each.reason_code in _MOVED and present_from(presence, _wish(each, now)) < due
    )


def _is_away(presence: ActiveHours | None, at: Micros) -> bool:
    return present_from(presence, at) != at


def _wish(each: Movable, now: Micros) -> Micros:
    """When it was drawn; what an absence held up that began as it was under way, is wished now.
    What has its time for another reason since, such as a person's word, is wished then.
    """
    if each.reason_code not in _MOVED:
        return max(now, to_micros(each.due_at))
    return now if each.wished_at is None else max(now, to_micros(each.wished_at))


def _kept_wish(each: Movable, at: Micros, *, absent: bool) -> datetime | None:
    """When it is wished for still: for as long as an absence is why it is not then."""
    wished = each.wished_at if each.reason_code in _MOVED else None
    if at > to_micros(each.due_at):
        return wished or each.due_at
    return wished if absent else None


def _place(
    places: Places, moving: Sequence[Movable], presence: ActiveHours | None, now: Micros
) -> tuple[list[Move], list[Gone]]:
    """In the order of the wishes: nobody overtakes, and what is late keeps its pace."""
    moves: list[Move] = []
    gone: list[Gone] = []
    for each in moving:
        due, wish = to_micros(each.due_at), _wish(each, now)
        stays = not _is_away(presence, due)
        found = places.place(each.id, wish, late=wish == now)
        if isinstance(found, NoPlace):
            if not stays:
                gone.append((each, found.decision))
        elif not stays or found.at < due:
            why = reasons.ABSENT if found.absent else reasons.BACK_EARLY
            kept = _kept_wish(each, found.at, absent=found.absent)
            told = why(next_possible_at=found.at)
            moves.append(Move(of=each, at=found.at, wished_at=kept, why=told))
    return moves, gone


async def _store(
    conn: Connection, moves: Sequence[Move], gone: Sequence[Gone], *, actor: str, now: datetime
) -> None:
    if moves:
        await absences.move(conn, moves, now=now)
    for why in {decision for _, decision in gone}:
        ended = [each for each, decision in gone if decision == why]
        await tell_unpublished(conn, await absences.end(conn, ended, why, now=now), now)
    told = [*((about(each.of), each.why) for each in moves), *((about(e), why) for e, why in gone)]
    await decisions.record(conn, told, actor=actor)
    await activities.wake(conn)
