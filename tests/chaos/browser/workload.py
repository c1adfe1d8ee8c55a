"""What is to happen: every member of a pod reposts every post, once, in a browser."""

import asyncio
from datetime import UTC, datetime, timedelta

from psycopg import AsyncConnection

from chorus.documents import PodPolicy, RepostPolicy
from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_lab.client import SandboxClient
from chorus_lab.seeding import Tenant, make_tenant
from tests.chaos.workload import Intent, Workload

PER_POST = 20
"""Members of the pod, each with a browser session of its own."""
_WIDE = 10_000
_LANGUAGES = ("en", "de", "en", "fr", "en", "es", "en", "pt")
_PHRASES = ["Worth a read.", "This matches what we see.", "Well put, thank you.", "Saved this one."]


def write(owner_dsn: str, sandbox: SandboxClient, *, reposts: int, window: float) -> Workload:
    """Posts that are live, and a pod that reposts them within `window` seconds from now on.

    Three reposts in ten say something of the member's own (P5).
    """
    return asyncio.run(_write(owner_dsn, sandbox, reposts, window))


async def _write(owner_dsn: str, sandbox: SandboxClient, reposts: int, window: float) -> Workload:
    workload = Workload()
    policy = PodPolicy(
        repost=RepostPolicy(from_seconds=0.0, to_seconds=window, spread="uniform"),
        on_publish=("repost",),
        repost_via="browser",
    )
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as conn:
        tenant = await make_tenant(
            conn,
            members=PER_POST,
            policy=policy,
            provider_prefix=f"browser-{new_id().hex[-8:]}",
        )
        workload.tenants.append(tenant)
        await _let(conn, tenant)
        sandbox._ask("PATCH", "/linkedin", json={"front_end": "mixed", "hashed_share": 0.5})
        for number, provider_id in enumerate(tenant.provider_ids):
            language = _LANGUAGES[number % len(_LANGUAGES)]
            sandbox.add_account(provider_id, f"Member {number}", language=language)
        while len(workload.intents) < reposts:
            await _post(conn, sandbox, workload, tenant)
    return workload


async def _let(conn: AsyncConnection, tenant: Tenant) -> None:
    """Phrases for all, and limits that let them."""
    await conn.execute(
        "update gateway.pod_members set phrases = %s, phrases_by = %s where client_id = %s",
        (_PHRASES, tenant.user_id, tenant.client_id),
    )
    await conn.execute(
        "insert into scheduler.rate_limits"
        " (client_id, platform, kind, per_hour, per_day, cooldown)"
        " values (%s, 'linkedin', 'repost', %s, %s, interval '0')",
        (tenant.client_id, _WIDE, _WIDE),
    )


async def _post(
    conn: AsyncConnection, sandbox: SandboxClient, workload: Workload, tenant: Tenant
) -> None:
    """A post of somebody else; every third is told of by its address alone."""
    number, post_id = len(workload.socials), new_id()
    author = f"author-{post_id.hex[-8:]}"
    sandbox.add_account(author, f"Author {number}")
    post = sandbox.add_post(author, f"Post {number}: what the pod is to repost.")
    await conn.execute(
        "insert into gateway.posts (id, client_id, pod_id, url, social_id, state, published_at,"
        " correlation_id, amplify) values (%s, %s, %s, %s, %s, 'published', %s, %s, true)",
        (
            post_id,
            tenant.client_id,
            tenant.pod_id,
            post["share_url"],
            post["social_id"] if number % 3 else None,
            datetime.now(UTC) - timedelta(seconds=1),
            str(post_id),
        ),
    )
    workload.socials[post_id] = post["social_id"]
    workload.intents += [
        Intent(post_id=post_id, account_id=account, provider_id=provider_id, kind=Kind.REPOST)
        for account, provider_id in zip(tenant.accounts, tenant.provider_ids, strict=True)
    ]
