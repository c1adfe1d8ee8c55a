"""Settling outcomes: many at once, one transaction; repeated and old ones change nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chorus import metrics
from chorus.clock import Clock
from chorus.events import ActivityExecuted, PublishFailed
from chorus.ids import new_id
from chorus.kafka.envelope import Outgoing, Received, encode
from chorus.outbox.store import append
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import Kind, Outcome, State
from chorus_scheduler.commands import SOURCE
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.gates import leave
from chorus_scheduler.domain.instants import DAY, Micros, to_micros
from chorus_scheduler.domain.settlement import Settlement, settle_outcome
from chorus_scheduler.store import decisions, gates, outcomes, pauses
from chorus_scheduler.store.outcomes import Held
from chorus_scheduler.store.rows import QUERIES

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
            settled = _settlements(events, held, now)
            await outcomes.save(conn, [(event, settlement) for event, _, settlement in settled])
            await self._release_gates(conn, events, held, now)
            await self._explain(conn, settled)
            await append(conn, "scheduler", _publish_failures(settled, now))
            if any(settlement.due_at is not None for _, _, settlement in settled):
                await conn.execute(QUERIES.wake)
        _count(settled)

    async def _release_gates(
        self,
        conn: Connection,
        events: Sequence[ActivityExecuted],
        held: dict[UUID, Held],
        now: datetime,
    ) -> None:
        """What ended is no longer in flight; a call that went out is a use at its own instant."""
        ended = [
            (event, held[event.activity_id])
            for event in events
            if event.activity_id in held
            and held[event.activity_id].gate_scopes
            and held[event.activity_id].standing.execution == event.execution
        ]
        locked = await gates.lock(
            conn, {scope for _, row in ended for scope in row.gate_scopes}, make=False
        )
        keep_after = to_micros(now) - DAY
        for event, row in ended:
            called = _used_at(event)
            for scope in row.gate_scopes:
                locked[scope] = leave(locked[scope], event.activity_id, called, keep_after)
        await gates.save(conn, locked.values())

    async def _explain(self, conn: Connection, settled: Sequence[Settled]) -> None:
        told: list[tuple[About, Decision]] = []
        for event, row, settlement in settled:
            if settlement.decision.code != "executed":
                told.append((_about(row), settlement.decision))
            if settlement.challenge:
                told.append((_about(row), await _pause_account(conn, event, row)))
        await decisions.record(conn, told)


def _used_at(event: ActivityExecuted) -> Micros | None:
    """When the account acted. A call that had no effect is no use: its retry follows by E7.

    What may have had one counts, and where its instant is lost with a dead worker, as now.
    """
    if event.outcome in (Outcome.EXECUTED, Outcome.UNKNOWN):
        return to_micros(event.called_at or event.finished_at)
    return None


def _settlements(
    events: Sequence[ActivityExecuted], held: dict[UUID, Held], now: datetime
) -> list[Settled]:
    settled: list[Settled] = []
    for event in events:
        row = held.get(event.activity_id)
        if row is None:
            continue
        settlement = settle_outcome(row.standing, event, to_micros(now))
        if settlement is not None:
            settled.append((event, row, settlement))
    return settled


async def _pause_account(conn: Connection, event: ActivityExecuted, row: Held) -> Decision:
    """INVARIANT: the first challenge pauses the account at once; its load moves to nobody."""
    message = event.failure.message if event.failure else "The network asks for the person."
    evidence = {
        "activity_id": event.activity_id,
        "code": event.failure.code if event.failure else None,
        "message": message,
        "at": event.finished_at,
    }
    await pauses.start(
        conn,
        pause_id=new_id(),
        scope="account",
        client_id=row.client_id,
        scope_id=row.account_id,
        code="challenge",
        reason=message[:500],
        evidence=evidence,
        actor=decisions.SYSTEM,
    )
    metrics.activities.challenges.labels(event.lane).inc()
    sentence = "The account is paused until a person has looked at it and resumes it."
    return Decision(code="account_paused", sentence=sentence)


def _publish_failures(settled: Sequence[Settled], now: datetime) -> list[Outgoing]:
    """A queued post whose activity ended without success is told to the gateway."""
    return [
        encode(
            PublishFailed(
                client_id=row.client_id,
                post_id=row.post_id,
                state=settlement.state,
                reason=settlement.decision.sentence,
                correlation_id=row.correlation_id,
            ),
            source=SOURCE,
            time=now,
            traceparent=None,
        )
        for event, row, settlement in settled
        if event.kind is Kind.PUBLISH and settlement.state in (State.FAILED, State.CANCELLED)
    ]


def _count(settled: Sequence[Settled]) -> None:
    for event, row, _ in settled:
        error = event.failure.error_type if event.failure else ""
        metrics.activities.outcomes.labels(event.kind, event.outcome, error).inc()
        if row.standing.attempt > 1:
            resolved = "yes" if event.outcome == "executed" else "no"
            metrics.activities.retries.labels(event.kind, error, resolved).inc()


def _about(row: Held) -> About:
    return About(
        client_id=row.client_id,
        activity_id=row.standing.id,
        post_id=row.post_id,
        account_id=row.account_id,
        kind=row.standing.kind,
        correlation_id=row.correlation_id,
    )
