"""Fills a database with tenants, straight into the gateway's tables: for tests and benchmarks.

The product's own way in is the HTTP API; this one makes thousands of accounts in a second. It needs
the owner's connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from chorus.documents import PodPolicy
from chorus.ids import new_id

ALL_KINDS = ("like", "comment", "repost", "publish")


@dataclass(slots=True, kw_only=True)
class Tenant:
    """A tenant with one pod; accounts and members are parallel lists."""

    client_id: UUID
    user_id: UUID
    pod_id: UUID
    accounts: list[UUID] = field(default_factory=list)
    provider_ids: list[str] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)


async def make_tenant(
    conn: AsyncConnection[Any],
    *,
    members: int,
    policy: PodPolicy | None = None,
    kinds: Sequence[str] = ALL_KINDS,
    provider_prefix: str = "acc",
    age: timedelta = timedelta(days=365),
    name: str = "Test tenant",
) -> Tenant:
    """A tenant whose `members` accounts all agreed to `kinds` and are `age` old."""
    tenant = Tenant(client_id=new_id(), user_id=new_id(), pod_id=new_id())
    tenant.accounts = [new_id() for _ in range(members)]
    tenant.members = [new_id() for _ in range(members)]
    tenant.provider_ids = [f"{provider_prefix}_{number:05d}" for number in range(members)]
    document = (policy or PodPolicy()).model_dump_json()
    async with conn.transaction():
        await _people(conn, tenant, name, document)
        await _accounts(conn, tenant, kinds, datetime.now(UTC) - age)
    return tenant


async def _people(conn: AsyncConnection[Any], tenant: Tenant, name: str, document: str) -> None:
    await conn.execute(
        "insert into gateway.clients (id, name) values (%s, %s)", (tenant.client_id, name)
    )
    await conn.execute(
        "insert into gateway.users (id, client_id, email, name, role) values (%s, %s, %s, %s, %s)",
        (tenant.user_id, tenant.client_id, f"{tenant.user_id}@example.test", "Owner", "owner"),
    )
    await conn.execute(
        "insert into gateway.pods (id, client_id, name, policy) values (%s, %s, 'Pod', %s)",
        (tenant.pod_id, tenant.client_id, document),
    )


async def _accounts(
    conn: AsyncConnection[Any], tenant: Tenant, kinds: Sequence[str], since: datetime
) -> None:
    rows = [
        {"account": account, "member": member, "provider": provider, "name": f"Member {number}"}
        for number, (account, member, provider) in enumerate(
            zip(tenant.accounts, tenant.members, tenant.provider_ids, strict=True)
        )
    ]
    parameters = {
        "rows": orjson.dumps(rows).decode(),
        "client": tenant.client_id,
        "user": tenant.user_id,
        "pod": tenant.pod_id,
        "kinds": list(kinds),
        "since": since,
    }
    await conn.execute(
        """
        insert into gateway.accounts (id, client_id, owner_user_id, provider_account_id, platform,
                                      display_name, connected_at, status, proven_at, active_hours)
        select r.account, %(client)s, %(user)s, r.provider, 'linkedin', r.name, %(since)s,
               'connected', %(since)s, '"any_time"'
        from jsonb_to_recordset(%(rows)s::jsonb) as r(account uuid, provider text, name text)
        """,
        parameters,
    )
    await conn.execute(
        """
        insert into gateway.consents (client_id, account_id, kind, granted, text_version,
                                      text_sha256, by_user_id)
        select %(client)s, r.account, k.kind, true, 'test', decode(repeat('00', 32), 'hex'),
               %(user)s
        from jsonb_to_recordset(%(rows)s::jsonb) as r(account uuid)
        cross join unnest(%(kinds)s::text[]) as k(kind)
        """,
        parameters,
    )
    await conn.execute(
        """
        insert into gateway.pod_members (id, client_id, pod_id, account_id, name)
        select r.member, %(client)s, %(pod)s, r.account, r.name
        from jsonb_to_recordset(%(rows)s::jsonb) as r(member uuid, account uuid, name text)
        """,
        parameters,
    )


async def make_post(
    conn: AsyncConnection[Any],
    tenant: Tenant,
    *,
    social_id: str | None = None,
    published_at: datetime | None = None,
    author: UUID | None = None,
    comment_texts: Sequence[str] = (),
    amplify: bool = True,
) -> UUID:
    """A post that is live."""
    post_id = new_id()
    number = post_id.int % 10**18
    await conn.execute(
        """
        insert into gateway.posts (id, client_id, pod_id, author_account_id, url, social_id, state,
                                   published_at, comment_texts, correlation_id, amplify)
        values (%s, %s, %s, %s, %s, %s, 'published', %s, %s, %s, %s)
        """,
        (
            post_id,
            tenant.client_id,
            tenant.pod_id,
            author,
            f"https://www.linkedin.com/feed/update/urn:li:activity:7{number:018d}/",
            social_id or f"urn:li:activity:7{number:018d}",
            published_at or datetime.now(UTC),
            list(comment_texts),
            str(post_id),
            amplify,
        ),
    )
    return post_id


async def allow_everything(conn: AsyncConnection[Any], tenant: Tenant, *, per_hour: int) -> None:
    """Limits so wide that a benchmark measures the machinery and not the waiting."""
    await conn.execute(
        """
        insert into scheduler.rate_limits (client_id, platform, kind, per_hour, per_day, cooldown)
        select %s, 'linkedin', k, %s, %s, interval '0'
        from unnest(array['like', 'comment', 'repost', 'publish']) as k
        """,
        (tenant.client_id, per_hour, per_hour * 24),
    )
