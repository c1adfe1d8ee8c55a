"""What planning a post stands on: the post, its pod's policy, the members, and what is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from chorus.documents import PodPolicy
from chorus.events import PostPublished
from chorus.postgres.pool import Connection
from chorus.vocabulary import Kind
from chorus_scheduler.domain.instants import to_micros
from chorus_scheduler.domain.limits import RateLimits, Rule, account_rule, with_slack
from chorus_scheduler.domain.placement import Taken
from chorus_scheduler.domain.planner import Member
from chorus_scheduler.errors import NoPodMembers, PostNotFound, PostNotPublished
from chorus_scheduler.store import gates, plans
from chorus_scheduler.store.limits import rate_limits, read_policy
from chorus_scheduler.store.plans import Post


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
    if not any(row["active"] for row in rows):
        raise NoPodMembers
    pods = await plans.pods(conn, post.client_id)
    home = post.pod_id or rows[0]["pod_id"]
    policy = read_policy(home, pods[home]["policy"])
    kinds = tuple(Kind(kind) for kind in (request.kinds or policy.on_publish))
    limits = await rate_limits(conn)
    people = _members(rows, pods, post, rules=_RuleBook(limits, post, kinds, now))
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
    rows: Sequence[dict[str, Any]],
    pods: Mapping[UUID, dict[str, Any]],
    post: Post,
    rules: "_RuleBook",
) -> list[Member]:
    """Members as the planner sees them; an account that is in several pods counts once."""
    people: dict[UUID, Member] = {}
    for row in rows:
        if row["platform"] != post.platform or row["account_id"] in people:
            continue
        people[row["account_id"]] = Member(
            member_id=row["member_id"],
            account_id=row["account_id"],
            provider_account_id=row["provider_account_id"],
            name=row["name"],
            active=row["active"],
            connected=row["status"] == "connected",
            kinds=_kinds_of(tuple(row["kinds"])),
            consented=_kinds_of(tuple(row["consented_kinds"])),
            texts=tuple(row["phrases"] or ()),
            cartridge_id=row["cartridge_id"] or pods[row["pod_id"]]["cartridge_id"],
            hours=plans.active_hours(row["active_hours"], row["timezone"]),
            rules=rules.of(row),
        )
    return list(people.values())


class _RuleBook:
    """The limits that hold for each member's account."""

    def __init__(
        self, limits: RateLimits, post: Post, kinds: Sequence[Kind], now: datetime
    ) -> None:
        self._limits = limits
        self._client = post.client_id
        self._platform = post.platform
        self._kinds = kinds
        self._now = now

    def of(self, row: Mapping[str, Any]) -> dict[Kind, Rule]:
        """The rule of each kind that is limited."""
        account = row["account_id"]
        age = (self._now - row["connected_at"]).total_seconds() / 86_400
        rules = {}
        for kind in self._kinds:
            limit = self._limits.find(self._client, account, self._platform, kind)
            if limit is not None:
                rules[kind] = with_slack(account_rule(limit, account, age))
        return rules


@lru_cache(maxsize=256)
def _kinds_of(names: tuple[str, ...]) -> frozenset[Kind]:
    return frozenset(Kind(name) for name in names)


async def _taken(
    conn: Connection,
    people: Sequence[Member],
    kinds: Sequence[Kind],
    existing: Sequence[Mapping[str, Any]],
    post_id: UUID,
) -> Taken:
    """Every use, past or planned, of the scopes that this plan touches."""
    taken = await plans.booked(conn, [member.account_id for member in people], kinds)
    scopes = [rule.scope for member in people for rule in member.rules.values()]
    for scope, uses in (await gates.uses(conn, scopes)).items():
        taken.setdefault(scope, []).extend(uses)
    for row in existing:
        if row["state"] not in ("cancelled", "skipped"):
            scope = f"post:{post_id}:{row['kind']}"
            taken.setdefault(scope, []).append(to_micros(row["scheduled_for"]))
    return {scope: sorted(instants) for scope, instants in taken.items()}
