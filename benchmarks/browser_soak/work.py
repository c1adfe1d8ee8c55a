"""A pod, its posts, and the ledger's own planning of every repost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from chorus.documents import PodPolicy, RepostPolicy
from chorus_lab.client import SandboxClient
from chorus_lab.seeding import allow_everything, make_post, make_tenant
from chorus_lab.stack import Stack
from tests.chaos.browser.faults import transient_faults

MEMBERS = 50

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "scheduler": {
        "CHORUS_BROWSER_PER_MINUTE": "100000",
        "CHORUS_BROWSER_AT_ONCE": "50",
        "CHORUS_RECONCILE_SECONDS": "1",
        "CHORUS_RECONCILE_AFTER": "0",
    },
}
"""The lane's limits are opened; posts are found by reconciling. The rest is as it comes."""

_ENDED = """
select count(*) filter (where state = 'executed') as executed,
       count(*) filter (where needs_person or state in ('failed', 'skipped')) as given_up,
       count(*) filter (where verified) as verified, count(*) as planned,
       count(*) filter (where attempt > 1) as tried_again
from scheduler.activities where client_id = %s
"""


def make_stack(folder: Path, browsers: Path) -> Stack:
    """Scheduler, browser-repost and the sandbox, with Postgres and Kafka. Not started."""
    own = {"CHORUS_BROWSER_FOLDER": str(browsers)}
    return Stack(
        folder,
        services=("scheduler", "browser-repost"),
        settings={**SETTINGS, "browser-repost": own},
    )


def break_network(sandbox: SandboxClient, *, seed: int) -> None:
    """Let about one repost in three meet something that goes wrong by chance."""
    for number, fault in enumerate(transient_faults()):
        sandbox.add_fault(
            fault.kind,
            match=fault.match,
            times=-1,
            probability=fault.probability,
            seed=seed + number,
            **fault.more,
        )


async def write(owner_dsn: str, sandbox: SandboxClient, *, reposts: int) -> UUID:
    """So many reposts, all due within a minute; answers the tenant."""
    policy = PodPolicy(
        repost=RepostPolicy(from_seconds=0.0, to_seconds=60.0, spread="uniform"),
        on_publish=("repost",),
        repost_via="browser",
    )
    async with await AsyncConnection.connect(
        owner_dsn, autocommit=True, row_factory=dict_row
    ) as conn:
        tenant = await make_tenant(conn, members=MEMBERS, policy=policy, provider_prefix="soak")
        await allow_everything(conn, tenant, per_hour=100_000)
        await conn.execute(
            "update gateway.pod_members set phrases = array['Worth a read.', 'Well put.'],"
            " phrases_by = %s where client_id = %s",
            (tenant.user_id, tenant.client_id),
        )
        for provider_id in tenant.provider_ids:
            sandbox.add_account(provider_id, provider_id)
        for number in range(-(-reposts // MEMBERS)):
            sandbox.add_account(f"author-{number}", f"Author {number}")
            post = sandbox.add_post(f"author-{number}", f"Post {number}")
            async with conn.transaction():
                made = await make_post(conn, tenant, published_at=datetime.now(UTC))
                await conn.execute(
                    "update gateway.posts set url = %s, social_id = %s where id = %s",
                    (post["share_url"], post["social_id"], made),
                )
    return tenant.client_id


async def ended(conn: AsyncConnection[DictRow], client_id: UUID) -> DictRow:
    """How many are executed, given up, verified, planned, tried again."""
    row = await (await conn.execute(_ENDED, (client_id,))).fetchone()
    assert row is not None
    return row
