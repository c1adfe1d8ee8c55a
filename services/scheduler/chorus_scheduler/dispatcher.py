"""The dispatcher: hands over what is due, a little early, within every limit, over any number of
replicas.

The ledger's row is the outbox of its command: it is marked in one transaction with its gates, then
sent; when the sending fails or the process dies in between, the lease runs out and the sweep sends
it again under the same execution number, which the executors' journal recognises.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from chorus.clock import Clock
from chorus.documents import PodPolicy
from chorus.errors import DependencyUnavailable
from chorus.kafka.producer import Publisher
from chorus.postgres.listen import Listener
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.transient import is_transient
from chorus.process.stopping import Stopping
from chorus.telemetry import metrics
from chorus.vocabulary import Kind, Lane, State
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.activity import Order, about
from chorus_scheduler.domain.approval_modes import held_for_owner
from chorus_scheduler.domain.decisions import Decision
from chorus_scheduler.domain.effects import Effect
from chorus_scheduler.domain.gates import account_scope
from chorus_scheduler.domain.handover import Due, Verdicts, acts_until, decide
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.limits import (
    LaneRate,
    RateLimits,
    Rule,
    account_rule,
    lane_rule,
    post_rule,
)
from chorus_scheduler.domain.participation import OF_PODS, Participation, hold, refusal
from chorus_scheduler.domain.shares import rooms
from chorus_scheduler.messages import due_commands
from chorus_scheduler.mode_enforcement import hold_for_owner
from chorus_scheduler.publish_failures import tell_unpublished
from chorus_scheduler.rescheduling import place_again
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store import accounts, decisions, due, gates, held, interruptions, pauses
from chorus_scheduler.store.accounts import AccountStanding
from chorus_scheduler.store.due import Claimed
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
        self._within = settings.acts_within_lanes()
        self._kept = KeptLimits()
        self._lead = timedelta(seconds=settings.dispatch_lead)
        self._lease = timedelta(seconds=settings.lease)
        self._late_after = timedelta(seconds=settings.late_after)
        self._full: set[tuple[Lane, UUID]] = set()
        self._beaten: dict[Lane, datetime] = {}
        self._stopping = Stopping()

    async def stop(self) -> None:
        """Return once the round under way has ended."""
        self._stopping.tell()
        self._listener.event(WAKE).set()
        await self._stopping.stop()

    async def run(self) -> None:
        """Hand over until stopped; a database or broker that is away is waited for."""
        with self._stopping.running():
            await self._run()

    async def _run(self) -> None:
        while not self._stopping.told:
            try:
                batch = await self.dispatch_once()
                if not batch.full:
                    await self._sleep()
            except Exception as error:
                if not (is_transient(error) or isinstance(error, DependencyUnavailable)):
                    raise
                _log.warning("dispatch.put_off", error=str(error))
                await self._stopping.pause(_AGAIN)

    async def dispatch_once(self) -> Batch:
        """One round: claim, decide, mark, send. Returns what was done."""
        now = self._clock.now()
        async with self._pool.connection() as conn:
            pulses = await self._note_interruptions(conn, now)
            async with conn.transaction():
                claimed, roomy, full = await self._claim(conn, now)
                verdicts = await self._decide(conn, claimed, now) if claimed else Verdicts()
                handed = await self._store(conn, verdicts, now) if claimed else []
            alive = {*roomy, *(each.lane for each in handed)}
            await self._beat(conn, {lane: pulses.get(lane) for lane in alive}, now)
        await self._publisher.send(due_commands(handed, time=now))
        for (kind, lane), count in Counter((each.kind, each.lane) for each in handed).items():
            metrics.activities.dispatched.labels(kind, lane).inc(count)
        return Batch(claimed=len(claimed), handed_over=len(handed), full=full)

    async def _note_interruptions(self, conn: Connection, now: datetime) -> dict[Lane, datetime]:
        """The pulses, as they were before."""
        pulses = await interruptions.pulses(conn, Lane)
        still = [lane for lane, at in pulses.items() if now - at > self._late_after]
        if still:
            async with conn.transaction():
                await interruptions.record(conn, still, now=now, patience=self._late_after)
        return pulses

    async def _beat(
        self, conn: Connection, lanes: Mapping[Lane, datetime | None], now: datetime
    ) -> None:
        """What went through the round is done: these lanes, seen so before, do not stand still."""
        for lane, seen in lanes.items():
            if abs(now - self._beaten.get(lane, _LONG_AGO)) >= _PULSE:
                await interruptions.beat(conn, lane, seen=seen, now=now)
                self._beaten[lane] = now

    async def _claim(
        self, conn: Connection, now: datetime
    ) -> tuple[list[Claimed], list[Lane], bool]:
        """What is due, of each lane and tenant as much as there is room for; the lanes that have
        room; and whether a tenant gave as many as a round takes.
        """
        until, most = now + self._lead, self._settings.dispatch_batch
        capacity = self._settings.dispatch_in_hand
        in_hand, wanting = await due.in_hand(conn), defaultdict[Lane, list[UUID]](list)
        for first in await due.first_due(conn, Lane):
            if first.due_at <= until:
                wanting[first.lane].append(first.client_id)
        claimed: list[Claimed] = []
        more = False
        self._full.clear()
        for lane, tenants in wanting.items():
            room = rooms(in_hand[lane], tenants, capacity=capacity, least=most)
            self._full.update((lane, tenant) for tenant in tenants if tenant not in room)
            if not room:
                continue
            most_each = max(1, most // len(room))
            limits = {tenant: min(left, most_each) for tenant, left in room.items()}
            found = await due.claim(conn, lane, limits, until=until)
            counts = Counter(each.client_id for each in found)
            more = more or any(counts[t] == most_each < left for t, left in room.items())
            claimed += found
        roomy = [lane for lane, held in in_hand.items() if sum(held.values()) < capacity]
        return claimed, roomy, more

    async def _decide(
        self, conn: Connection, claimed: Sequence[Claimed], now: datetime
    ) -> Verdicts:
        pods = {each.pod_id for each in claimed if each.pod_id is not None}
        limits, policies = await self._kept.get(conn, pods, now)
        standings = await accounts.standings(conn, list({each.account_id for each in claimed}))
        members = await accounts.participation(
            conn, {each.member_id for each in claimed if each.member_id is not None}
        )
        batch = [self._due(each, standings, members, limits, policies, now) for each in claimed]
        scopes = {rule.scope for each in batch for rule in each.rules}
        scopes |= {account_scope(each.account_id) for each in batch if not each.looks_only}
        locked = await gates.lock(conn, scopes, make=True)
        others = await due.others_of_targets(conn, batch)
        batch = [replace(e, others=others[e.id]) if e.id in others else e for e in batch]
        paused = await pauses.in_force(conn)
        late = [each for each in batch if not each.looks_only and _is_late(each, now)]
        still = await interruptions.of_late(conn, late, now=now)
        batch = [replace(e, stood_still=still[e.id]) if e.id in still else e for e in batch]
        patience = int(self._late_after / timedelta(microseconds=1))
        verdicts = decide(batch, locked, paused, to_micros(now), late_after=patience)
        await place_again(conn, verdicts, claimed, now)
        return verdicts

    def _due(  # noqa: PLR0917 - what was claimed, and what was read for it
        self,
        each: Claimed,
        standings: Mapping[UUID, AccountStanding],
        members: Mapping[UUID, Participation],
        limits: RateLimits,
        policies: Mapping[UUID, PodPolicy],
        now: datetime,
    ) -> Due:
        account = standings.get(each.account_id)
        member = members.get(each.member_id) if each.member_id is not None else None
        looks_only = each.state is State.UNKNOWN or each.effect is not Effect.NONE
        return Due(
            id=each.id,
            client_id=each.client_id,
            post_id=each.post_id,
            pod_id=each.pod_id,
            account_id=each.account_id,
            kind=each.kind,
            correlation_id=each.correlation_id,
            lane=each.lane,
            state=each.state,
            execution=each.execution,
            effect=each.effect,
            target=each.target_social_id,
            refused=refusal(each.kind, member),
            held=hold(each.kind, member),
            for_owner=held_for_owner(
                account.modes.get(each.kind) if account is not None else None,
                suggested=each.suggested,
                owner_agreed=each.owner_agreed,
            ),
            due_at=to_micros(each.due_at),
            rules=() if looks_only else self._rules(each, account, limits, policies, now),
            consented=account is not None and each.kind in account.consented,
            connected=account is not None and account.connected,
            told=each.reason,
            hours=_hours(each.kind, account),
            silenced=each.speaks and not looks_only and not _may_speak(account),
        )

    def _rules(
        self,
        each: Claimed,
        account: AccountStanding | None,
        limits: RateLimits,
        policies: Mapping[UUID, PodPolicy],
        now: datetime,
    ) -> tuple[Rule, ...]:
        kind, rules = each.kind, []
        found = limits.find(each.client_id, each.account_id, each.platform, kind)
        if found is not None and account is not None:
            age = (now - account.warms_from) / timedelta(days=1)
            rules.append(account_rule(found, each.account_id, age))
        policy = policies.get(each.pod_id) if each.pod_id is not None else None
        per_post = getattr(policy, kind).per_post if policy and kind in OF_PODS else None
        if per_post is not None:
            window = int(per_post.per_seconds * SECOND)
            rules.append(post_rule(each.post_id, kind, per_post.count, window))
        lane = lane_rule(each.lane, self._lanes[each.lane])
        return (*rules, lane) if lane else tuple(rules)

    async def _store(self, conn: Connection, verdicts: Verdicts, now: datetime) -> list[Order]:
        handed = await due.hand_over(
            conn, self._bounded(verdicts.hand_over, now), now=now, lease=self._lease
        )
        await gates.save(conn, verdicts.gates.values())
        await due.put_off(conn, verdicts.put_off, now=now)
        parked = await due.park(conn, verdicts.parked, now=now)
        holds = await held.hold(conn, [(each.id, why) for each, why in verdicts.held], now=now)
        await tell_unpublished(conn, await due.end(conn, verdicts.ended, now=now), now)
        await hold_for_owner(conn, [(e.id, why) for e, why in verdicts.for_owner], now=now)
        told: list[tuple[Due, Decision]] = [
            *((each, why) for each, at, why in verdicts.put_off if _is_news(each, why, at, now)),
            *((each, decision) for each, _, decision in verdicts.parked if each.id in parked),
            *((each, decision) for each, decision in verdicts.held if each.id in holds),
            *((each, decision) for each, _, decision in verdicts.ended),
            *((each, reasons.SILENCED()) for each in verdicts.hand_over if each.silenced),
        ]
        await decisions.record(conn, [(about(each), decision) for each, decision in told])
        return handed

    def _bounded(self, handed: Sequence[Due], now: datetime) -> list[tuple[Due, Micros]]:
        """Each with the instant until which its call may be made."""
        at = to_micros(now)
        return [(each, acts_until(each, at, self._within[each.lane])) for each in handed]

    async def _sleep(self) -> None:
        """Until the next due instant, less the lead; woken when something earlier is planned."""
        async with self._pool.connection() as conn:
            firsts = await due.first_due(conn, Lane)
        waiting = [each.due_at for each in firsts if (each.lane, each.client_id) not in self._full]
        upcoming = min(waiting, default=None)
        longest = self._settings.dispatch_poll
        if upcoming is not None:
            wait = (upcoming - self._lead - self._clock.now()).total_seconds()
            # Something due that was not claimed is in another replica's hands.
            longest = min(longest, wait if wait > 0 else 0.02)
        await self._listener.wait(WAKE, longest)


def _is_news(each: Due, why: Decision, at: Micros, now: datetime) -> bool:
    """Who is looked at every second while something else ends is told of it once."""
    return why.sentence != each.told or at - to_micros(now) > _LOOKED_AT_AGAIN


_AGAIN = 0.2
"""Seconds after which a round is made again that a dependency broke off: what is due is late."""
_LOOKED_AT_AGAIN = 5 * SECOND
_NEVER_LATE = timedelta(seconds=1)
"""So late something always is when there is much to do."""
_PULSE = timedelta(seconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _is_late(each: Due, now: datetime) -> bool:
    return now - to_datetime(each.due_at) > _NEVER_LATE


def _hours(kind: Kind, account: AccountStanding | None) -> ActiveHours | None:
    """What an account does for itself, it does at the time that a person chose."""
    if account is None:
        return None
    return account.hours if kind in OF_PODS else account.presence


def _may_speak(account: AccountStanding | None) -> bool:
    return account is not None and Kind.COMMENT in account.consented
