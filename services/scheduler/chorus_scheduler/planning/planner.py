"""Planning a post: load, ask the planner, store.

The preview runs the same code and stores nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from chorus.clock import Clock
from chorus.documents import PodPolicy
from chorus.postgres.pool import Connection, Pool
from chorus.telemetry import metrics, tracing
from chorus.vocabulary import Kind, Lane
from chorus_scheduler.domain import reasons
from chorus_scheduler.domain.decisions import About
from chorus_scheduler.domain.instants import SECOND, Micros, to_datetime, to_micros
from chorus_scheduler.domain.limits import post_rule, with_slack
from chorus_scheduler.domain.placement import Taken
from chorus_scheduler.domain.planner import (
    Member,
    Plan,
    Planned,
    Skipped,
    Subject,
    plan_kind,
)
from chorus_scheduler.domain.wording import Voices
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.planning.inputs import PlanInputs, PlanRequest, load, people_of, taken_of
from chorus_scheduler.store import decisions, plan_writes
from chorus_scheduler.store.plan_inputs import Existing, lock_and_look
from chorus_scheduler.store.plan_writes import AT_ONCE, Storing, store

OF_PODS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    """The outcome: what is new, what was there before, who does not take part."""

    seed: int
    stored: bool
    planned: tuple[Planned, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    existing: Sequence[Existing] = ()
    lane: Mapping[Kind, Lane] = field(default_factory=dict)


def seed_of(post_id: UUID) -> int:
    """The seed of a post where nobody gives one: the preview and the plan have the same."""
    return int.from_bytes(blake2b(post_id.bytes, digest_size=4).digest())


_PLANS_AT_ONCE = 2
"""Threads; more of them would only take the interpreter from the event loop."""
_TRIES_WITHOUT_LOCK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A plan that is not stored yet, and what it was made of."""

    inputs: PlanInputs
    plan: Plan
    seed: int
    time: datetime


class Planner:
    """Plans posts.

    What a plan needs is read, and the plan is made, outside the tenant's lock and beside the event
    loop. It is stored under the lock, if nothing was planned for the tenant meanwhile; otherwise
    it is made anew, the last time under the lock.
    """

    def __init__(self, *, pool: Pool, clock: Clock, by_model: bool = False) -> None:
        self._pool = pool
        self._clock = clock
        self._by_model = by_model
        self._threads = ThreadPoolExecutor(_PLANS_AT_ONCE, "plan")

    async def plan(self, request: PlanRequest) -> PlanResult:
        """Plan a post. Raises PostNotFound, PostNotPublished, NoPod, NoPodMembers."""
        for _ in range(_TRIES_WITHOUT_LOCK):
            async with self._pool.connection() as conn:
                draft = await self._draft(conn, request)
            if request.dry_run or await self._store_if_last(request, draft):
                return self._result(request, draft)
        async with self._pool.connection() as conn, conn.transaction():
            await lock_and_look(conn, request.client_id)
            draft = await self._draft(conn, request)
            await _store(conn, request, draft)
        _count(draft.plan)
        return self._result(request, draft)

    async def _draft(self, conn: Connection, request: PlanRequest) -> _Draft:
        now = self._clock.now()
        seed = seed_of(request.post_id) if request.seed is None else request.seed
        inputs = await load(conn, request)
        loop = asyncio.get_running_loop()
        plan = await loop.run_in_executor(self._threads, self._plan, inputs, seed, now)
        return _Draft(inputs=inputs, plan=plan, seed=seed, time=now)

    def _plan(self, inputs: PlanInputs, seed: int, time: datetime) -> Plan:
        return _plan(
            inputs, Voices(cartridges=inputs.cartridges, by_model=self._by_model), seed, time
        )

    async def _store_if_last(self, request: PlanRequest, draft: _Draft) -> bool:
        """Whether it was stored: nothing else was planned for the tenant since it was read."""
        async with self._pool.connection() as conn, conn.transaction():
            if await lock_and_look(conn, request.client_id) != draft.inputs.last_plan:
                return False
            await _store(conn, request, draft)
        _count(draft.plan)
        return True

    @staticmethod
    def _result(request: PlanRequest, draft: _Draft) -> PlanResult:
        kinds = draft.inputs.kinds
        return PlanResult(
            seed=draft.seed,
            stored=not request.dry_run,
            planned=draft.plan.planned,
            skipped=draft.plan.skipped,
            existing=[each for each in draft.inputs.existing if each.kind in kinds],
            lane=_lanes(draft.inputs.policy),
        )

    async def give_up(self, request: PlanRequest, refusal: SchedulerRefusal) -> None:
        """Record why the automation plans nothing for a post, so that it is not asked again and
        again.
        """
        decision = reasons.told(refusal.code, f"Nothing was planned: {refusal}")
        about = About(
            client_id=request.client_id,
            post_id=request.post_id,
            correlation_id=request.correlation_id,
        )
        async with self._pool.connection() as conn, conn.transaction():
            await decisions.record(conn, [(about, decision)], actor=request.actor)
            await _mark_planned(conn, request, planned=0, skipped=0)


def _plan(inputs: PlanInputs, voices: Voices, seed: int, time: datetime) -> Plan:
    """Runs in a thread of its own: nothing here waits, and nobody waits for it but who asked."""
    planned: list[Planned] = []
    skipped: list[Skipped] = []
    members = people_of(inputs, time.timestamp())
    taken, now = taken_of(inputs), to_micros(time)
    said = {text for each in inputs.existing for text in (each.text, each.source_text) if text}
    for kind in sorted(inputs.kinds, key=_draws_last):
        drawing = _Drawing(
            inputs=inputs, taken=taken, said=frozenset(said), seed=seed, now=now, voices=voices
        )
        plan = _plan_one(drawing, kind, members)
        for entry in plan.planned:
            said.update(text for text in (entry.text, entry.source_text) if text)
        planned.extend(plan.planned)
        skipped.extend(plan.skipped)
    if len(inputs.kinds) > 1:
        planned.sort(key=Planned.place)
    return Plan(planned=tuple(planned), skipped=tuple(skipped))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    inputs: PlanInputs
    taken: Taken
    said: frozenset[str]
    seed: int
    now: Micros
    voices: Voices


def _window_begins(inputs: PlanInputs, kind: Kind, now: Micros) -> Micros:
    """What the policy's delays count from: the post, or the trigger of whatever comes later."""
    policy = getattr(inputs.policy, kind)
    post = inputs.post
    published = to_micros(post.published_at) if post.published_at else now
    late = now - published > int(policy.to_seconds * SECOND)
    return now if kind is Kind.REPOST or late else published


def _window_ends(inputs: PlanInputs, kind: Kind, now: Micros) -> datetime:
    length = int(getattr(inputs.policy, kind).to_seconds * SECOND)
    return to_datetime(_window_begins(inputs, kind, now) + length)


def _draws_last(kind: Kind) -> bool:
    """A comment needs a text; a repost can do without, so it takes of what is left."""
    return kind is Kind.REPOST


def _plan_one(drawing: _Drawing, kind: Kind, members: list[Member]) -> Plan:
    inputs, now = drawing.inputs, drawing.now
    policy = getattr(inputs.policy, kind)
    post = inputs.post
    done = {each.account_id for each in inputs.existing if each.kind is kind}
    base = _window_begins(inputs, kind, now)
    rule = None
    if policy.per_post is not None:
        window = int(policy.per_post.per_seconds * SECOND)
        rule = with_slack(post_rule(post.post_id, kind, policy.per_post.count, window))
    return plan_kind(
        kind=kind,
        subject=Subject(
            post_id=post.post_id,
            author_account_id=post.author_account_id,
            base={kind: base},
            texts=(*post.comment_texts, *inputs.policy.comment_texts),
            said=drawing.said,
        ),
        members=_without(members, done),
        policy=policy,
        post_rule=rule,
        taken=drawing.taken,
        seed=drawing.seed,
        now=now,
        voices=drawing.voices,
    )


def _without(members: list[Member], done: set[UUID]) -> list[Member]:
    if not done:
        return members
    return [member for member in members if member.account_id not in done]


def _lanes(policy: PodPolicy) -> dict[Kind, Lane]:
    lanes = dict.fromkeys(Kind, Lane.API)
    lanes[Kind.REPOST] = Lane(policy.repost_via)
    return lanes


def _storing(request: PlanRequest, draft: _Draft) -> Storing:
    policy = draft.inputs.policy
    return Storing(
        post=draft.inputs.post,
        pod_id=draft.inputs.pod_id,
        lane=_lanes(policy),
        seed=draft.seed,
        reaction=policy.reaction,
        approval_expires=timedelta(seconds=policy.approval_expires_seconds),
        actor=request.actor,
        correlation_id=request.correlation_id,
        traceparent=tracing.child_of(tracing.current.get()),
        time=draft.time,
        windows={
            kind: _window_ends(draft.inputs, kind, to_micros(draft.time))
            for kind in draft.inputs.kinds
        },
    )


async def _store(conn: Connection, request: PlanRequest, draft: _Draft) -> None:
    plan = draft.plan
    async with conn.pipeline():
        await store(conn, plan.planned, _storing(request, draft))
        for start in range(0, len(plan.skipped), AT_ONCE):
            entries = plan.skipped[start : start + AT_ONCE]
            skips = [(_about(entry, request), entry.decision) for entry in entries]
            await decisions.record(conn, skips, actor=request.actor)
            await asyncio.sleep(0)
        if request.kinds is None:
            counts = {"planned": len(plan.planned), "skipped": len(plan.skipped)}
            await _mark_planned(conn, request, **counts)


async def _mark_planned(
    conn: Connection, request: PlanRequest, *, planned: int, skipped: int
) -> None:
    await plan_writes.mark_planned(
        conn,
        client_id=request.client_id,
        post_id=request.post_id,
        planned=planned,
        skipped=skipped,
    )


def _about(entry: Skipped, request: PlanRequest) -> About:
    return About(
        client_id=request.client_id,
        post_id=request.post_id,
        account_id=entry.member.account_id,
        kind=entry.kind,
        correlation_id=request.correlation_id,
    )


def _count(plan: Plan) -> None:
    counts = Counter([(entry.kind, entry.state) for entry in plan.planned])
    for (kind, state), count in counts.items():
        metrics.activities.planned.labels(kind, state).inc(count)
