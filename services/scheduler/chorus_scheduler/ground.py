"""What planning a post stands on: the post, its pod's policy, the members, and what is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chorus.documents import ActiveHoursDocument, PodPolicy
from chorus.events import PostPublished
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind, Platform
from chorus_scheduler.domain.hours import ActiveHours
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.limits import PlannedRules
from chorus_scheduler.domain.placement import Taken
from chorus_scheduler.domain.planner import Member
from chorus_scheduler.errors import NoPodMembers, PostNotFound, PostNotPublished
from chorus_scheduler.store import plans
from chorus_scheduler.store.limits import pod_policies, rate_limits
from chorus_scheduler.store.plans import Post

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
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
class Ground:
    """All that the planner needs, loaded."""

    post: Post
    policy: PodPolicy
    members: list[Member]
    existing: list[dict[str, Any]]
    taken: Taken
    kinds: tuple[Kind, ...]
    pod_id: UUID


async def load(conn: Connection, request: Request, now: datetime) -> Ground:
    """Everything a plan needs. Raises PostNotFound, PostNotPublished, NoPodMembers."""
    post = await plans.find_post(conn, client_id=request.client_id, post_id=request.post_id)
    if post is None:
        raise PostNotFound
    if request.facts is not None:
        post = _with_facts(post, request.facts)
    if post.state != "published" or post.published_at is None:
        raise PostNotPublished(post.state)
    rows = await plans.members(conn, client_id=post.client_id, pod_id=post.pod_id)
    if not any(row.active for row in rows):
        raise NoPodMembers
    home = rows[0].pod_id
    policy = (await pod_policies(conn, [home]))[home]
    kinds = tuple(Kind(kind) for kind in (request.kinds or policy.on_publish))
    rules = PlannedRules(
        await rate_limits(conn), client=post.client_id, platform=post.platform, kinds=kinds
    )
    people = _members(rows, post.platform, rules, now.timestamp())
    existing = await plans.existing(conn, client_id=post.client_id, post_id=post.post_id)
    return Ground(
        post=post,
        policy=policy,
        members=people,
        existing=existing,
        taken=await _taken(conn, people, kinds, existing, post.post_id),
        kinds=kinds,
        pod_id=home,
    )


def _with_facts(post: Post, facts: PostPublished) -> Post:
    return replace(
        post,
        state="published",
        url=facts.url,
        social_id=facts.social_id or post.social_id,
        published_at=facts.published_at,
    )


def _members(
    rows: Sequence[plans.MemberRow], platform: Platform, rules: PlannedRules, now: float
) -> list[Member]:
    """Members as the planner sees them; an account that is in several pods counts once."""
    people: dict[UUID, Member] = {}
    for row in rows:
        account = row.account_id
        if row.platform != platform or account in people:
            continue
        people[account] = Member(
            member_id=row.member_id,
            account_id=account,
            provider_account_id=row.provider_account_id,
            name=row.name,
            active=row.active,
            connected=row.connected,
            kinds=_kinds_of(row.kinds),
            consented=_kinds_of(row.consented_kinds),
            texts=tuple(row.phrases),
            cartridge_id=row.cartridge_id,
            hours=_hours_of(row.active_hours, row.timezone),
            rules=rules.of(account, (now - row.connected_at) / _DAY),
        )
    return list(people.values())


@lru_cache(maxsize=256)
def _kinds_of(names: str) -> frozenset[Kind]:
    return frozenset(Kind(name) for name in names.split(",") if name)


@lru_cache(maxsize=1024)
def _hours_of(document: str | None, zone: str) -> ActiveHours | None:
    """A member's active hours; None: any time. Pods have few of them, whatever their size."""
    if document is None:
        return None
    hours = ActiveHoursDocument.model_validate_json(document)
    return ActiveHours(
        zone=ZoneInfo(zone), opens=hours.opens, closes=hours.closes, days=frozenset(hours.days)
    )


async def _taken(
    conn: Connection,
    people: Sequence[Member],
    kinds: Sequence[Kind],
    existing: Sequence[Mapping[str, Any]],
    post_id: UUID,
) -> Taken:
    """Every use, past or planned, of the scopes that this plan touches."""
    taken = await plans.taken(conn, [member.account_id for member in people], kinds)
    for row in existing:
        if row["state"] not in ("cancelled", "skipped"):
            scope = f"post:{post_id}:{row['kind']}"
            taken.setdefault(scope, []).append(to_micros(row["scheduled_for"]))
    for instants in taken.values():
        instants.sort()
    return taken
