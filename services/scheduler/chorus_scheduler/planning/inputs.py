"""What a plan is made of: the post, its pod's policy, the members, and what is booked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

import orjson

from chorus.documents import PodPolicy, VoiceCartridge
from chorus.events import PostPublished
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, State
from chorus_scheduler.domain.approval_modes import Modes
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.limits import PlannedRules
from chorus_scheduler.domain.placement import Taken
from chorus_scheduler.domain.planner import Member
from chorus_scheduler.errors import NoPod, NoPodMembers, PostNotFound, PostNotPublished
from chorus_scheduler.store import plan_inputs
from chorus_scheduler.store.accounts import modes_of
from chorus_scheduler.store.limits import read_policy
from chorus_scheduler.store.placing import hours_of, post_scope
from chorus_scheduler.store.plan_inputs import Existing, Post
from chorus_scheduler.store.voices import cartridges

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What is to be planned for whom. `kinds` None: what the pod's policy plans on publication."""

    client_id: UUID
    post_id: UUID
    kinds: Sequence[Kind] | None
    actor: str
    correlation_id: str
    dry_run: bool = False
    seed: int | None = None
    facts: PostPublished | None = None
    """The event that tells of the post: it may be ahead of the gateway's row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """All that the planner needs, loaded. What is long is as it came: `people` makes members."""

    post: Post
    policy: PodPolicy
    rows: list[plan_inputs.MemberRow]
    rules: PlannedRules
    existing: list[Existing]
    taken: Taken
    kinds: tuple[Kind, ...]
    pod_id: UUID
    cartridges: dict[UUID, VoiceCartridge]
    last_plan: int
    """The tenant's newest plan: while there is no newer one, what is booked is as it was read."""


async def load(conn: Connection, request: PlanRequest) -> PlanInputs:
    """Everything a plan needs.

    Raises PostNotFound, PostNotPublished, NoPod, NoPodMembers.
    """
    found = await plan_inputs.find(conn, client_id=request.client_id, post_id=request.post_id)
    post = found.post
    if post is None:
        raise PostNotFound
    if request.facts is not None:
        post = _with_facts(post, request.facts)
    live, pod = post.state == "published" and post.published_at is not None, post.pod_id
    if not (live and pod) and not await plan_inputs.anybody(conn, request.client_id):
        # Where a team has nobody, that is what it is told, whatever else is missing (P3).
        raise NoPodMembers
    if not live:
        raise PostNotPublished(post.state)
    if pod is None:
        raise NoPod
    if not any(row.active for row in found.members):
        raise NoPodMembers
    policy = read_policy(pod, found.policies[pod])
    kinds = tuple(Kind(kind) for kind in (request.kinds or policy.on_publish))
    return PlanInputs(
        post=post,
        policy=policy,
        rows=found.members,
        rules=PlannedRules(
            found.limits, client=post.client_id, platform=post.platform, kinds=kinds
        ),
        existing=found.existing,
        taken=await plan_inputs.taken(conn, [row.account_id for row in found.members], kinds),
        kinds=kinds,
        pod_id=pod,
        cartridges=await cartridges(conn, post.client_id, _voices_of(found.members)),
        last_plan=found.last_plan,
    )


def _voices_of(rows: Sequence[plan_inputs.MemberRow]) -> set[UUID]:
    return {row.cartridge_id for row in rows if row.cartridge_id is not None}


def _with_facts(post: Post, facts: PostPublished) -> Post:
    return replace(
        post,
        state="published",
        url=facts.url,
        social_id=facts.social_id or post.social_id,
        published_at=facts.published_at,
    )


def people_of(inputs: PlanInputs, now: float) -> list[Member]:
    """Members as the planner sees them; an account that is there twice counts once."""
    people: dict[str, Member] = {}
    for row in inputs.rows:
        if row.of_platform and row.scope not in people:
            age = (now - row.warms_from) / _DAY
            people[row.scope] = Member(
                member_id=row.member_id,
                account_id=row.account_id,
                provider_account_id=row.provider_account_id,
                name=row.name,
                active=row.active,
                connected=row.connected,
                kinds=_kinds_of(row.kinds),
                consented=_kinds_of(row.consented),
                texts=tuple(row.phrases) if row.phrases else (),
                cartridge_id=row.cartridge_id,
                hours=hours_of(row.hours, row.zone, row.away),
                wrote=row.wrote,
                modes=_modes_of(row.modes) if row.modes else {},
                rules=inputs.rules.of(row.account_id, row.scope, age),
            )
    return list(people.values())


@lru_cache(maxsize=256)
def _modes_of(stored: str) -> Modes:
    return modes_of(orjson.loads(stored))


@lru_cache(maxsize=256)
def _kinds_of(names: str) -> frozenset[Kind]:
    return frozenset(Kind(name) for name in names.split(",") if name)


def taken_of(inputs: PlanInputs) -> Taken:
    """Every use, past or planned, of the scopes that this plan touches, sorted."""
    taken = {scope: list(instants) for scope, instants in inputs.taken.items()}
    for each in inputs.existing:
        if each.state not in (State.CANCELLED, State.SKIPPED) and not each.parked:
            scope = post_scope(inputs.post.post_id, each.kind)
            taken.setdefault(scope, []).append(to_micros(each.due_at))
    for instants in taken.values():
        instants.sort()
    return taken
