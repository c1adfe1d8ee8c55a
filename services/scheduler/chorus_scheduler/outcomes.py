"""Settling outcomes: many at once, one transaction; repeated and old ones change nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus.clock import Clock
from chorus.events import ActivityExecuted
from chorus.kafka.envelope import Received
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics
from chorus.vocabulary import Outcome, State
from chorus_scheduler.challenges import pause_challenged
from chorus_scheduler.domain.activity import about
from chorus_scheduler.domain.gates import Lease, account_scope, close, kept_after, leave, used_at
from chorus_scheduler.domain.instants import Micros, to_micros
from chorus_scheduler.domain.settlement import (
    Settlement,
    account_waits_until,
    placed,
    settle_outcome,
)
from chorus_scheduler.post_facts import once_a_post
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.store import activities, decisions, gates, outcomes, placing
from chorus_scheduler.store.outcomes import Held
from chorus_scheduler.trusted_outcomes import trusted

Settled = tuple[ActivityExecuted, Held, Settlement]


class Settler:
    """Flushes batches of `activity.executed`."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def flush(self, batch: Sequence[Received[ActivityExecuted]]) -> list[None]:
        """Settle a batch. Two outcomes of one activity in it are settled one after the other."""
        left = [received.event for received in batch]
        while left:
            first: dict[UUID, ActivityExecuted] = {}
            later = [e for e in left if first.setdefault(e.activity_id, e) is not e]
            await self._settle(list(first.values()))
            left = later
        return [None] * len(batch)

    async def _settle(self, events: Sequence[ActivityExecuted]) -> None:
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            held = await outcomes.lock(conn, [event.activity_id for event in events])
            known = await trusted(conn, events, held)
            news = [(event, row) for event, row in known if row.standing.awaits(event.execution)]
            settled = await _placed(conn, _settlements(news, now), now)
            settled, over = await once_a_post(conn, settled, now)
            changed = await outcomes.save(conn, [(event, what) for event, _, what in settled])
            done = {event.activity_id for event, _, _ in settled}
            rest = [event for event, _ in news if event.activity_id not in done]
            changed += await outcomes.hear(conn, rest)
            await _let_go(conn, news, now)
            await self._explain(conn, settled)
            await pause_challenged(conn, known)
            await tell_unpublished(conn, [*changed, *over], now)
            if any(settlement.due_at is not None for _, _, settlement in settled):
                await activities.wake(conn)
        _count(settled)

    async def _explain(self, conn: Connection, settled: Sequence[Settled]) -> None:
        told = [
            (about(row), settlement.decision)
            for _, row, settlement in settled
            if settlement.decision.code != "executed"
        ]
        await decisions.record(conn, told)


async def _placed(conn: Connection, settled: list[Settled], now: datetime) -> list[Settled]:
    """What is tried again later has its place among what else is planned (invariant 8)."""
    wishes = {
        row.id: row for _, row, what in settled if what.state is State.SCHEDULED and not what.quick
    }
    if not wishes:
        return settled
    places = await placing.load(conn, list(wishes.values()), now=now)
    return [
        (event, row, placed(what, places.place(row.id, what.due_at, late=True)))
        if row.id in wishes and what.due_at is not None
        else (event, row, what)
        for event, row, what in settled
    ]


async def _let_go(
    conn: Connection, news: Sequence[tuple[ActivityExecuted, Held]], now: datetime
) -> None:
    """What was heard of is no longer in flight; a call that went out is a use at its own instant.

    An account that was asked to slow down is closed for so long, whatever else it had planned.
    """
    waits = {
        account_scope(row.account_id): until
        for event, row in news
        if (until := account_waits_until(event, row.standing.attempt, to_micros(now))) is not None
    }
    scopes = {scope for _, row in news for scope in row.gate_scopes}
    locked = await gates.lock(conn, scopes | waits.keys(), make=bool(waits))
    for event, row in news:
        lease = Lease(event.activity_id, event.execution, row.lane)
        used = _used_at(event, row, now)
        for scope in locked.keys() & set(row.gate_scopes):
            locked[scope] = leave(locked[scope], lease, used, kept_after(scope, to_micros(now)))
    for scope, until in waits.items():
        locked[scope] = close(locked[scope], until)
    await gates.save(conn, locked.values())


def _used_at(event: ActivityExecuted, row: Held, now: datetime) -> Micros | None:
    """When the account acted. A call that had no effect is no use: its retry follows by E7.

    What may have had one counts, and where its instant is lost with a dead worker, as now. What was
    found by looking came to be somewhere between its call and that look, and counts as the later.
    """
    if event.outcome in (Outcome.EXECUTED, Outcome.UNKNOWN):
        handed = to_micros(row.dispatched_at) if row.dispatched_at else None
        called_at = None if event.verified else event.called_at
        called = to_micros(called_at or event.finished_at)
        return used_at(called, handed_over_at=handed, now=to_micros(now))
    return None


def _settlements(news: Sequence[tuple[ActivityExecuted, Held]], now: datetime) -> list[Settled]:
    settled: list[Settled] = []
    for event, row in news:
        settlement = settle_outcome(row.standing, event, to_micros(now))
        if settlement is not None:
            settled.append((event, row, settlement))
    return settled


def _count(settled: Sequence[Settled]) -> None:
    for event, row, _ in settled:
        error = event.failure.error_type if event.failure else ""
        metrics.activities.outcomes.labels(event.kind, event.outcome, error).inc()
        if row.standing.attempt > 1:
            resolved = "yes" if event.outcome == "executed" else "no"
            metrics.activities.retries.labels(event.kind, error, resolved).inc()
