"""The dispatcher: hands over what is due, a little early, within every limit, over any number of
replicas.

The ledger's row is the outbox of its command: it is marked in one transaction with its gates, then
sent; when the sending fails or the process dies in between, the lease runs out and the sweep sends
it again under the same execution number, which the executors' journal recognises.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.documents import PodPolicy
from chorus.errors import DependencyUnavailable
from chorus.kafka.producer import Publisher
from chorus.postgres.listen import Listener
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.transient import is_transient
from chorus.telemetry import metrics
from chorus.vocabulary import Kind, Lane, Platform, State
from chorus_scheduler.commands import due_commands
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import account_scope
from chorus_scheduler.domain.handover import SILENCED, Due, Verdicts, decide, may_act
from chorus_scheduler.domain.instants import SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.limits import (
    LaneRate,
    RateLimits,
    Rule,
    account_rule,
    lane_rule,
    post_rule,
)
from chorus_scheduler.domain.participation import OF_PODS, Participation, refusal
from chorus_scheduler.domain.placement import Interruption
from chorus_scheduler.ends import tell_ended
from chorus_scheduler.returning import place_again
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import decisions, due, gates, returning
from chorus_scheduler.store.limits import KeptLimits

WAKE = "chorus_scheduler_due"
"""The notification that something earlier may be due now."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one round did."""

    claimed: int
    handed_over: int
    full: bool = False
    """A lane gave as many as a round takes: there may be more."""


class Dispatcher:
    """One loop a process; replicas share the work by `for update skip locked`."""

    def __init__(
        self,
        *,
        pool: Pool,
        publisher: Publisher,
        listener: Listener,
        clock: Clock,
        settings: SchedulerSettings,
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._listener = listener
        self._clock = clock
        self._settings = settings
        self._lanes: Mapping[str, LaneRate] = settings.lane_rates()
        self._kept = KeptLimits()
        self._lead = timedelta(seconds=settings.dispatch_lead)
        self._lease = timedelta(seconds=settings.lease)
        self._late_after = timedelta(seconds=settings.late_after)
        # A full lane is not topped up one by one: a round costs the same for one as for many.
        self._least = max(1, min(settings.dispatch_batch, settings.dispatch_in_hand // 4))
        self._roomy = list(Lane)
        self._stopping = asyncio.Event()

    async def stop(self) -> None:
        """Finish the round under way and return from `run`."""
        self._stopping.set()
        self._listener.event(WAKE).set()

    async def run(self) -> None:
        """Hand over until stopped; a database or broker that is away is waited for."""
        while not self._stopping.is_set():
            try:
                batch = await self.dispatch_once()
                if not batch.full:
                    await self._sleep()
            except Exception as error:
                if not (is_transient(error) or isinstance(error, DependencyUnavailable)):
                    raise
                _log.warning("dispatch.put_back", error=str(error))
                await asyncio.sleep(0.2)

    async def dispatch_once(self) -> Batch:
        """One round: claim, decide, mark, send. Returns what was done."""
        now = self._clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            rows, full = await self._claim(conn, now)
            if not rows:
                return Batch(claimed=0, handed_over=0)
            verdicts = await self._decide(conn, rows, now)
            handed = await self._store(conn, verdicts, now)
        await self._publisher.send(due_commands(handed, time=now))
        for (kind, lane), count in Counter((row["kind"], row["lane"]) for row in handed).items():
            metrics.activities.dispatched.labels(kind, lane).inc(count)
        return Batch(claimed=len(rows), handed_over=len(handed), full=full)

    async def _claim(self, conn: Connection, now: datetime) -> tuple[list[Mapping[str, Any]], bool]:
        """What is due, of each lane as much as there is room for in it."""
        rows: list[Mapping[str, Any]] = []
        full = False
        in_hand = await due.in_hand(conn)
        room = {lane: self._settings.dispatch_in_hand - held for lane, held in in_hand.items()}
        self._roomy = [lane for lane, left in room.items() if left >= self._least]
        for lane in self._roomy:
            limit = min(self._settings.dispatch_batch, room[lane])
            found = await due.claim(conn, lane, until=now + self._lead, limit=limit)
            full = full or len(found) == self._settings.dispatch_batch
            rows += found
        return rows, full

    async def _decide(
        self, conn: Connection, rows: Sequence[Mapping[str, Any]], now: datetime
    ) -> Verdicts:
        pods = {row["pod_id"] for row in rows if row["pod_id"] is not None}
        limits, policies = await self._kept.get(conn, pods, now)
        accounts = await due.accounts(conn, list({row["account_id"] for row in rows}))
        members = await due.participation(
            conn, {row["member_id"] for row in rows if row["member_id"] is not None}
        )
        batch = [self._due(row, accounts, members, limits, policies, now) for row in rows]
        scopes = {rule.scope for each in batch for rule in each.rules}
        scopes |= {account_scope(each.account_id) for each in batch if not each.looks_only}
        locked = await gates.lock(conn, scopes, make=True)
        others = await due.others_of_targets(conn, batch)
        batch = [replace(e, others=others[e.id]) if e.id in others else e for e in batch]
        pauses = await due.pauses(conn)
        acting = [each for each in batch if may_act(each, pauses)]
        stood_still = await self._stood_still(conn, acting, now)
        verdicts = decide(batch, locked, pauses, to_micros(now), stood_still)
        await place_again(conn, verdicts, rows, stood_still, now)
        return verdicts

    async def _stood_still(
        self, conn: Connection, acting: Sequence[Due], now: datetime
    ) -> Interruption | None:
        """The time in which nothing was handed over, if the oldest is late by one."""
        oldest = min((to_datetime(each.due_at) for each in acting), default=now)
        if now - oldest <= _NEVER_LATE:
            return None
        return await returning.interruption(conn, oldest, now, self._late_after)

    def _due(  # noqa: PLR0917 - a row, and what was read for it
        self,
        row: Mapping[str, Any],
        accounts: Mapping[UUID, due.AccountStanding],
        members: Mapping[UUID, Participation],
        limits: RateLimits,
        policies: Mapping[UUID, PodPolicy],
        now: datetime,
    ) -> Due:
        account = accounts.get(row["account_id"])
        kind, effect = Kind(row["kind"]), Effect(row["effect"])
        looks_only = row["state"] == State.UNKNOWN or effect is not Effect.NONE
        return Due(
            id=row["id"],
            client_id=row["client_id"],
            post_id=row["post_id"],
            pod_id=row["pod_id"],
            account_id=row["account_id"],
            kind=kind,
            lane=Lane(row["lane"]),
            state=State(row["state"]),
            execution=row["execution"],
            effect=effect,
            target=row["target_social_id"],
            refused=refusal(kind, members.get(row["member_id"])),
            due_at=to_micros(row["due_at"]),
            rules=() if looks_only else self._rules(row, account, limits, policies, now),
            consented=account is not None and row["kind"] in account.consented,
            connected=account is not None and account.connected,
            told=row["reason"],
            hours=account.hours if account is not None and kind in OF_PODS else None,
            silenced=row["speaks"] and not looks_only and not _may_speak(account),
        )

    def _rules(
        self,
        row: Mapping[str, Any],
        account: due.AccountStanding | None,
        limits: RateLimits,
        policies: Mapping[UUID, PodPolicy],
        now: datetime,
    ) -> tuple[Rule, ...]:
        kind, rules = Kind(row["kind"]), []
        found = limits.find(row["client_id"], row["account_id"], Platform(row["platform"]), kind)
        if found is not None and account is not None:
            age = (now - account.connected_at) / timedelta(days=1)
            rules.append(account_rule(found, row["account_id"], age))
        policy = policies.get(row["pod_id"])
        per_post = getattr(policy, kind).per_post if policy and kind in OF_PODS else None
        if per_post is not None:
            window = int(per_post.per_seconds * SECOND)
            rules.append(post_rule(row["post_id"], kind, per_post.count, window))
        lane = lane_rule(Lane(row["lane"]), self._lanes[row["lane"]])
        return (*rules, lane) if lane else tuple(rules)

    async def _store(
        self, conn: Connection, verdicts: Verdicts, now: datetime
    ) -> list[dict[str, Any]]:
        handed = await due.hand_over(conn, verdicts.hand_over, now=now, lease=self._lease)
        await gates.save(conn, verdicts.gates.values())
        await due.put_off(conn, verdicts.put_off, now=now)
        parked = await due.park(conn, verdicts.parked, now=now)
        await tell_ended(conn, await due.end(conn, verdicts.ended, now=now), now)
        reasons: list[tuple[Due, Decision]] = [
            *((each, why) for each, at, why in verdicts.put_off if _is_news(each, why, at, now)),
            *((each, decision) for each, _, decision in verdicts.parked if each.id in parked),
            *((each, decision) for each, _, decision in verdicts.ended),
            *((each, SILENCED) for each in verdicts.hand_over if each.silenced),
        ]
        await decisions.record(conn, [(_about(each), decision) for each, decision in reasons])
        return handed

    async def _sleep(self) -> None:
        """Until the next due instant, less the lead; woken when something earlier is planned."""
        async with self._pool.connection() as conn:
            upcoming = await due.next_due_at(conn, self._roomy)
        longest = self._settings.dispatch_poll
        if upcoming is not None:
            wait = (upcoming - self._lead - self._clock.now()).total_seconds()
            # Something due that was not claimed is in another replica's hands, or the lane is full.
            longest = min(longest, wait if wait > 0 else 0.02)
        await self._listener.wait(WAKE, longest)


def _is_news(each: Due, why: Decision, at: Micros, now: datetime) -> bool:
    """Who is looked at every second while something else ends is told of it once."""
    return why.sentence != each.told or at - to_micros(now) > _LOOKED_AT_AGAIN


_LOOKED_AT_AGAIN = 5 * SECOND
_NEVER_LATE = timedelta(seconds=1)
"""So late something always is when there is much to do."""


def _may_speak(account: due.AccountStanding | None) -> bool:
    return account is not None and Kind.COMMENT in account.consented


def _about(each: Due) -> About:
    return About(
        client_id=each.client_id,
        activity_id=each.id,
        post_id=each.post_id,
        account_id=each.account_id,
        kind=each.kind,
    )
