"""Planning a post: load, ask the planner, store.

The preview runs the same code and stores nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from chorus import metrics, tracing
from chorus.clock import Clock
from chorus.documents import PodPolicy
from chorus.postgres.pool import Connection, Pool
from chorus.vocabulary import Kind, Lane
from chorus_scheduler.domain.decisions import About, Decision
from chorus_scheduler.domain.instants import SECOND, Micros, to_micros
from chorus_scheduler.domain.limits import post_rule, with_slack
from chorus_scheduler.domain.planner import (
    Member,
    Plan,
    Planned,
    Skipped,
    Subject,
    plan_kind,
)
from chorus_scheduler.errors import SchedulerRefusal
from chorus_scheduler.ground import Ground, Request, load
from chorus_scheduler.store import decisions
from chorus_scheduler.store.planned import Storing, store
from chorus_scheduler.store.rows import QUERIES

OF_PODS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The outcome: what is new, what was there before, who does not take part."""

    seed: int
    stored: bool
    planned: tuple[Planned, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    existing: list[dict[str, Any]] = field(default_factory=list)
    lane: Mapping[Kind, Lane] = field(default_factory=dict)


def seed_of(post_id: UUID) -> int:
    """The seed of a post where nobody gives one: the preview and the plan have the same."""
    return int.from_bytes(blake2b(post_id.bytes, digest_size=4).digest())


class Planner:
    """Plans posts; one transaction each."""

    def __init__(self, *, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def plan(self, request: Request) -> Planning:
        """Plan a post. Raises PostNotFound, PostNotPublished, NoPodMembers."""
        now = self._clock.now()
        seed = seed_of(request.post_id) if request.seed is None else request.seed
        async with self._pool.connection() as conn, conn.transaction():
            ground = await load(conn, request, now)
            plan = _plan(ground, seed, to_micros(now))
            lane = _lanes(ground.policy)
            if not request.dry_run:
                storing = _storing(request, ground, lane=lane, seed=seed, time=now)
                async with conn.pipeline():
                    await _store(conn, request, plan, storing)
        if not request.dry_run:
            _count(plan)
        return Planning(
            seed=seed,
            stored=not request.dry_run,
            planned=plan.planned,
            skipped=plan.skipped,
            existing=[row for row in ground.existing if row["kind"] in ground.kinds],
            lane=lane,
        )

    async def give_up(self, request: Request, refusal: SchedulerRefusal) -> None:
        """Record why the automation plans nothing for a post, so that it is not asked again and
        again.
        """
        decision = Decision(code=refusal.code, sentence=f"Nothing was planned: {refusal}")
        about = About(
            client_id=request.client_id,
            post_id=request.post_id,
            correlation_id=request.correlation_id,
        )
        async with self._pool.connection() as conn, conn.transaction():
            await decisions.record(conn, [(about, decision)], actor=request.actor)
            await _mark_planned(conn, request, planned=0, skipped=0)


def _plan(ground: Ground, seed: int, now: Micros) -> Plan:
    planned: list[Planned] = []
    skipped: list[Skipped] = []
    said = {row["draft_text"] for row in ground.existing if row["draft_text"]}
    for kind in sorted(ground.kinds, key=_draws_last):
        plan = _plan_one(ground, kind, frozenset(said), seed=seed, now=now)
        said.update(entry.text for entry in plan.planned if entry.text)
        planned.extend(plan.planned)
        skipped.extend(plan.skipped)
    if len(ground.kinds) > 1:
        planned.sort(key=Planned.place)
    return Plan(planned=tuple(planned), skipped=tuple(skipped))


def _draws_last(kind: Kind) -> bool:
    """A comment needs a text; a repost can do without, so it takes of what is left."""
    return kind is Kind.REPOST


def _plan_one(ground: Ground, kind: Kind, said: frozenset[str], *, seed: int, now: Micros) -> Plan:
    policy = getattr(ground.policy, kind)
    post = ground.post
    done = {row["account_id"] for row in ground.existing if row["kind"] == kind}
    published = to_micros(post.published_at) if post.published_at else now
    late = now - published > int(policy.to_seconds * SECOND)
    base = now if kind is Kind.REPOST or late else published
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
            texts=(*post.comment_texts, *ground.policy.comment_texts),
            said=said,
        ),
        members=_without(ground.members, done),
        policy=policy,
        post_rule=rule,
        taken=ground.taken,
        seed=seed,
        now=now,
    )


def _without(members: list[Member], done: set[UUID]) -> list[Member]:
    if not done:
        return members
    return [member for member in members if member.account_id not in done]


def _lanes(policy: PodPolicy) -> dict[Kind, Lane]:
    lanes = dict.fromkeys(Kind, Lane.API)
    lanes[Kind.REPOST] = Lane(policy.repost_via)
    return lanes


def _storing(
    request: Request, ground: Ground, *, lane: dict[Kind, Lane], seed: int, time: datetime
) -> Storing:
    return Storing(
        post=ground.post,
        pod_id=ground.pod_id,
        lane=lane,
        seed=seed,
        reaction=ground.policy.reaction,
        approval_expires=timedelta(seconds=ground.policy.approval_expires_seconds),
        actor=request.actor,
        correlation_id=request.correlation_id,
        traceparent=tracing.child_of(tracing.current.get()),
        time=time,
    )


async def _store(conn: Connection, request: Request, plan: Plan, storing: Storing) -> None:
    await store(conn, plan.planned, storing)
    skips = [(_about(entry, request), entry.decision) for entry in plan.skipped]
    await decisions.record(conn, skips, actor=request.actor)
    if request.kinds is None:
        await _mark_planned(conn, request, planned=len(plan.planned), skipped=len(plan.skipped))


async def _mark_planned(conn: Connection, request: Request, *, planned: int, skipped: int) -> None:
    parameters = {
        "post_id": request.post_id,
        "client_id": request.client_id,
        "planned": planned,
        "skipped": skipped,
    }
    await conn.execute(QUERIES.post_planned, parameters)


def _about(entry: Skipped, request: Request) -> About:
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
