"""What is to happen: tenants, their posts, and every single thing that then must happen once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from chorus.documents import CommentPolicy, KindPolicy, PerPost, PodPolicy, RepostPolicy
from chorus.events import Event, PostPublished, PostQueued
from chorus.ids import activity_id, new_id
from chorus.kafka.envelope import encode
from chorus.outbox.store import append
from chorus.vocabulary import Kind, Platform
from chorus_lab.client import SandboxClient
from chorus_lab.seeding import Tenant, make_tenant

POD_KINDS = (Kind.LIKE, Kind.COMMENT, Kind.REPOST)
PER_POST = PerPost(count=5, per_seconds=20.0)
"""Of likes: real enough to be in force while a storm lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One account shall do one thing to one post, once. `text` is that of a post to be published.

    capped: a limit may put it off for longer than a run lasts.
    """

    post_id: UUID
    account_id: UUID
    provider_id: str
    kind: Kind
    text: str | None = None
    capped: bool = False

    @property
    def activity_id(self) -> UUID:
        return activity_id(subject=self.post_id, account_id=self.account_id, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is to happen. Windows are seconds after a post is live."""

    members: int = 12
    registered: int = 6
    published: int = 4
    window: float = 50.0
    posts_over: float = 12.0
    """Posts come one after the other over so many seconds."""
    kinds: tuple[Kind, ...] = POD_KINDS
    by_address: float = 0.5
    """The share of posts that are told of without their id, which must then be asked for."""
    capped_posts: int = 0
    """Posts of one more tenant, whose accounts may like twice an hour."""


FULL = Size(members=12, registered=5, published=5, window=40.0, posts_over=45.0, capped_posts=4)
"""Three hundred and more activities."""

SHARE = Size(members=10, registered=3, published=4, window=25.0, posts_over=20.0, capped_posts=2)
"""Two hundred and more: a storm for every day."""


@dataclass(slots=True, kw_only=True)
class Workload:
    tenants: list[Tenant] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    socials: dict[UUID, str] = field(default_factory=dict)
    """The network's id of each post that was there before."""

    @property
    def clients(self) -> list[UUID]:
        return [tenant.client_id for tenant in self.tenants]


COMMENT = 'Thought {}:  "this" is worth a second look... https://www.example.com/why/it/is?so=1'
POST = "Post {}  goes out once - here's how: https://www.example.com/posts/how/it/was?made=1..."
"""Texts of which a network changes about everything that it changes at all."""
LIKES_AN_HOUR_CAPPED = 2
_WIDE = 10_000


def policy(size: Size) -> PodPolicy:
    return PodPolicy(
        like=KindPolicy(from_seconds=1, to_seconds=size.window, jitter=0.1, per_post=PER_POST),
        comment=CommentPolicy(from_seconds=2, to_seconds=size.window, jitter=0.15, approval="auto"),
        repost=RepostPolicy(from_seconds=1, to_seconds=size.window, spread="uniform"),
        on_publish=tuple(kind.value for kind in size.kinds),
        comment_texts=tuple(COMMENT.format(n) for n in range(60)),
    )


class Author:
    """Writes workloads, straight into the gateway's tables and outbox, as the gateway would."""

    def __init__(self, owner_dsn: str, sandbox: SandboxClient, *, seed: int) -> None:
        self._dsn = owner_dsn
        self._sandbox = sandbox
        self._luck = random.Random(seed)

    async def write(self, size: Size) -> Workload:
        """All of it at once; the posts are spread over the seconds to come."""
        workload = Workload()
        async with await AsyncConnection.connect(self._dsn, autocommit=True) as conn:
            tenant = await self._tenant(conn, size, per_hour=_WIDE)
            workload.tenants.append(tenant)
            for number in range(size.registered):
                delay = size.posts_over * number / max(1, size.registered)
                await self._register(conn, workload, tenant, size, delay)
            for number in range(size.published):
                delay = size.posts_over * (number + self._luck.random()) / max(1, size.published)
                await self._queue(conn, workload, tenant, number, delay, size.kinds)
            if size.capped_posts:
                await self._capped(conn, workload, size)
        return workload

    async def _capped(self, conn: AsyncConnection[Any], workload: Workload, size: Size) -> None:
        small = Size(members=3, window=size.window, kinds=(Kind.LIKE,))
        tenant = await self._tenant(conn, small, per_hour=LIKES_AN_HOUR_CAPPED)
        workload.tenants.append(tenant)
        for _ in range(size.capped_posts):
            await self._register(conn, workload, tenant, small, 0.0, capped=True)

    async def _tenant(self, conn: AsyncConnection[Any], size: Size, *, per_hour: int) -> Tenant:
        prefix = f"chaos-{new_id().hex[-10:]}"
        tenant = await make_tenant(
            conn, members=size.members, policy=policy(size), provider_prefix=prefix
        )
        await conn.execute(
            "insert into scheduler.rate_limits"
            " (client_id, platform, kind, per_hour, per_day, cooldown)"
            " select %s, 'linkedin', k, %s, %s, interval '0'"
            " from unnest(array['like', 'comment', 'repost', 'publish']) as k",
            (tenant.client_id, per_hour, _WIDE),
        )
        for provider_id in tenant.provider_ids:
            self._sandbox.add_account(provider_id, provider_id)
        return tenant

    async def _register(
        self,
        conn: AsyncConnection[Any],
        workload: Workload,
        tenant: Tenant,
        size: Size,
        delay: float,
        *,
        capped: bool = False,
    ) -> None:
        """A post of somebody else, told of by its address, and perhaps its id."""
        stranger = f"stranger-{new_id().hex[-10:]}"
        self._sandbox.add_account(stranger, stranger)
        post = self._sandbox.add_post(stranger, "A post that the pod is to amplify.")
        post_id, live = new_id(), datetime.now(UTC) + timedelta(seconds=delay)
        social_id = None if self._luck.random() < size.by_address else post["social_id"]
        event = PostPublished(
            platform=Platform.LINKEDIN,
            client_id=tenant.client_id,
            post_id=post_id,
            pod_id=tenant.pod_id,
            url=post["share_url"],
            social_id=social_id,
            published_at=live,
            source="registered",
            correlation_id=str(post_id),
        )
        await _store(
            conn,
            event,
            "insert into gateway.posts (id, client_id, pod_id, url, social_id, state, published_at,"
            " correlation_id) values (%s, %s, %s, %s, %s, 'published', %s, %s)",
            (post_id, tenant.client_id, tenant.pod_id, event.url, social_id, live, str(post_id)),
        )
        workload.socials[post_id] = post["social_id"]
        workload.intents += _of_pod(tenant, post_id, size.kinds, capped=capped)

    async def _queue(
        self,
        conn: AsyncConnection[Any],
        workload: Workload,
        tenant: Tenant,
        number: int,
        delay: float,
        kinds: Sequence[Kind],
    ) -> None:
        """A post that one of the pod's accounts publishes, and the others then amplify."""
        author = number % len(tenant.accounts)
        account, post_id = tenant.accounts[author], new_id()
        text, at = POST.format(post_id), datetime.now(UTC) + timedelta(seconds=delay)
        event = PostQueued(
            platform=Platform.LINKEDIN,
            client_id=tenant.client_id,
            post_id=post_id,
            pod_id=tenant.pod_id,
            account_id=account,
            text=text,
            scheduled_for=at,
            correlation_id=str(post_id),
        )
        await _store(
            conn,
            event,
            "insert into gateway.posts (id, client_id, pod_id, author_account_id, text, state,"
            " scheduled_for, correlation_id) values (%s, %s, %s, %s, %s, 'queued', %s, %s)",
            (post_id, tenant.client_id, tenant.pod_id, account, text, at, str(post_id)),
        )
        workload.intents.append(
            Intent(
                post_id=post_id,
                account_id=account,
                provider_id=tenant.provider_ids[author],
                kind=Kind.PUBLISH,
                text=text,
            )
        )
        workload.intents += _of_pod(tenant, post_id, kinds, author=account)


def _of_pod(
    tenant: Tenant,
    post_id: UUID,
    kinds: Sequence[Kind],
    *,
    author: UUID | None = None,
    capped: bool = False,
) -> list[Intent]:
    return [
        Intent(
            post_id=post_id,
            account_id=account,
            provider_id=provider_id,
            kind=kind,
            capped=capped,
        )
        for account, provider_id in zip(tenant.accounts, tenant.provider_ids, strict=True)
        if account != author
        for kind in kinds
    ]


async def _store(
    conn: AsyncConnection[Any], event: Event, statement: LiteralString, values: tuple[object, ...]
) -> None:
    """The row and its event, together."""
    async with conn.transaction():
        await conn.execute(statement, values)
        outgoing = encode(event, source="chorus/gateway", time=datetime.now(UTC), traceparent=None)
        await append(conn, "gateway", [outgoing])
