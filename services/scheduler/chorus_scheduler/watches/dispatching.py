"""Due watches are handed over, within every limit, over any number of replicas.

As with activities, the row is the outbox of its command: marked with its gate in one transaction,
then sent. A look that nobody answers is asked for again, under the same execution; each sending is
a use of the account's limit, and an executor looks at most once for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from chorus.clock import Clock
from chorus.events import WatchDue
from chorus.kafka.envelope import Outgoing, encode
from chorus.kafka.producer import Publisher
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics, tracing
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.domain.gates import Gate, account_scope, kept_after
from chorus_scheduler.domain.instants import Micros, to_micros
from chorus_scheduler.domain.shares import rooms
from chorus_scheduler.domain.watches import (
    KINDS,
    UNANSWERED,
    After,
    Later,
    Watch,
    after_failure,
    against,
)
from chorus_scheduler.messages import SOURCE
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import decisions, gates, watches
from chorus_scheduler.store.limits import KeptLimits
from chorus_scheduler.store.watches import Handed

_log = structlog.get_logger(__name__)
_ERROR = UNANSWERED.model_dump(mode="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What is done with each of a batch of due watches."""

    hand_over: list[Watch]
    later: list[tuple[Watch, Later]]
    lost: list[tuple[Watch, After]]
    gates: dict[str, Gate]


class WatchDispatcher:
    """A round claims, decides, marks and sends; replicas share the work by `skip locked`."""

    def __init__(
        self, *, pool: Pool, publisher: Publisher, clock: Clock, settings: SchedulerSettings
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._capacity = settings.watch_in_hand
        self._batch = settings.watch_batch
        self._lease = timedelta(seconds=settings.watch_lease)
        self._kept = KeptLimits()

    async def due_watches(self) -> int:
        """Hand over what is due, until nothing is. Returns how many looks were asked for."""
        asked = 0
        while True:
            claimed, handed = await self.hand_over_once()
            asked += handed
            if claimed < self._batch:
                return asked

    async def hand_over_once(self) -> tuple[int, int]:
        """One round: how many were claimed, and how many looks were asked for."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            claimed = await self._claim(conn, now)
            verdicts = await _decide(conn, claimed, to_micros(now)) if claimed else None
            handed = await self._store(conn, verdicts, now) if verdicts else []
        if handed:
            await self._publisher.send([_command(each, now) for each in handed])
        return len(claimed), len(handed)

    async def _claim(self, conn: Connection, now: datetime) -> list[Watch]:
        """What is due, of each tenant as much as there is room for."""
        wanting = await watches.tenants_due(conn, now)
        if not wanting:
            return []
        held = await watches.in_hand(conn, now)
        room = rooms(held, wanting, capacity=self._capacity, least=1)
        if not room:
            return []
        each = max(1, self._batch // len(room))
        limits = {tenant: min(left, each) for tenant, left in room.items()}
        rates, _ = await self._kept.get(conn, (), now)
        return await watches.claim(conn, limits, rates, now=now)

    async def _store(self, conn: Connection, verdicts: Verdicts, now: datetime) -> list[Handed]:
        ids = [watch.id for watch in verdicts.hand_over]
        handed = await watches.hand_over(conn, ids, now=now, until=now + self._lease)
        await gates.save(conn, verdicts.gates.values())
        await watches.put_off(conn, verdicts.later, now=now)
        for watch, after in verdicts.lost:
            await watches.give_up(conn, watch, _ERROR, after, now=now)
            metrics.watches.checks.labels(watch.kind, "unanswered").inc()
        told = [(about(watch), after.reason) for watch, after in verdicts.lost if after.told]
        await decisions.record(conn, told)
        again = sum(each.sends > 1 for each in handed)
        if again or verdicts.lost:
            _log.warning("watch.unanswered", asked_again=again, given_up=len(verdicts.lost))
        return handed


async def _decide(conn: Connection, batch: Sequence[Watch], now: Micros) -> Verdicts:
    scopes = {account_scope(watch.account_id) for watch in batch}
    scopes |= {watch.rule.scope for watch in batch if watch.rule}
    locked = await gates.lock(conn, scopes, make=True)
    verdicts = Verdicts(hand_over=[], later=[], lost=[], gates={})
    for watch in batch:
        if watch.lost:
            verdicts.lost.append((watch, after_failure(watch, UNANSWERED, now)))
            continue
        no = against(watch, locked, now)
        if no is not None:
            verdicts.later.append((watch, no))
            continue
        verdicts.hand_over.append(watch)
        if watch.rule is not None:
            scope = watch.rule.scope
            locked[scope] = verdicts.gates[scope] = _used(locked[scope], now)
    return verdicts


def _used(gate: Gate, now: Micros) -> Gate:
    """A look counts when it is asked for, whatever comes of it."""
    kept = (use for use in gate.uses if use > kept_after(gate.scope, now))
    return replace(gate, uses=tuple(sorted((*kept, now))))


def about(watch: Watch) -> About:
    """What a decision about a watch is about."""
    return About(
        client_id=watch.client_id,
        account_id=watch.account_id,
        kind=KINDS.get(watch.kind),
        correlation_id=str(watch.id),
    )


def _command(handed: Handed, now: datetime) -> Outgoing:
    command = WatchDue(
        client_id=handed.client_id,
        watch_id=handed.id,
        execution=handed.execution,
        account_id=handed.account_id,
        correlation_id=str(handed.id),
    )
    return encode(command, source=SOURCE, time=now, traceparent=tracing.start())
