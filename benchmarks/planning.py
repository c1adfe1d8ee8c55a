"""Planning and storing: posts of pods with a thousand members, decisions and events included."""

import asyncio
import gc
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvloop
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from benchmarks.report import Report
from chorus.clock import SystemClock
from chorus.documents import KindPolicy, PodPolicy
from chorus.postgres.migrate import migrate
from chorus.postgres.pool import open_pool
from chorus.process.service import collect_garbage_rarely
from chorus.settings import PostgresSettings
from chorus.vocabulary import Kind
from chorus_lab.local.postgres import PostgresServer
from chorus_lab.seeding import allow_everything, make_post, make_tenant
from chorus_scheduler.domain.instants import HOUR, SECOND
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.planner import Member, Subject, plan_kind
from chorus_scheduler.domain.sliding_windows import Limit
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner

MEMBERS = 1000
POLICY = PodPolicy(like=KindPolicy(from_seconds=300, to_seconds=1800))
_LIKES = frozenset({Kind.LIKE})
_LIMITS = (
    Limit(name="cooldown", count=1, window=60 * SECOND),
    Limit(name="per_hour", count=10, window=HOUR),
)
PACKAGES = ("chorus", "chorus_gateway", "chorus_scheduler", "chorus_executor")


async def _stored(dsn: str, runs: int) -> list[float]:
    """Activities a second, four tenants at once, 10,000 in all; fresh tenants in each run."""
    await migrate(dsn, PACKAGES)
    owner = await AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row)
    pool = await open_pool(PostgresSettings(DATABASE_URL=dsn), name="benchmark")
    planner = Planner(pool=pool, clock=SystemClock())
    rates = []
    for run_number in range(runs + 1):
        requests = []
        for number in range(4):
            tenant = await make_tenant(
                owner, members=MEMBERS, policy=POLICY, provider_prefix=f"p{run_number}-{number}"
            )
            await allow_everything(owner, tenant, per_hour=1000)
            posts = 3 if number < 2 else 2
            made = [await make_post(owner, tenant, published_at=_now()) for _ in range(posts)]
            requests.append([_request(tenant.client_id, post) for post in made])
        started = time.perf_counter()
        counts = await asyncio.gather(*(_plan_all(planner, each) for each in requests))
        rates.append(sum(counts) / (time.perf_counter() - started))
    await pool.close()
    await owner.close()
    return rates[1:]


def _now() -> datetime:
    return datetime.now(UTC)


def _request(client: UUID, post: UUID) -> PlanRequest:
    return PlanRequest(
        client_id=client,
        post_id=post,
        kinds=[Kind.LIKE],
        actor="benchmark",
        correlation_id="benchmark",
    )


async def _plan_all(planner: Planner, requests: list[PlanRequest]) -> int:
    planned = 0
    for request in requests:
        planned += len((await planner.plan(request)).planned)
    return planned


def _pure(runs: int, count: int) -> list[float]:
    """The planner alone, without the database: so many members of one pod."""
    rates = []
    for seed in range(runs):
        members = [_member(number) for number in range(count)]
        post = members[0].member_id
        started = time.perf_counter()
        plan = plan_kind(
            kind=Kind.LIKE,
            subject=Subject(post_id=post, author_account_id=None, base={Kind.LIKE: 0}),
            members=members,
            policy=POLICY.like,
            post_rule=None,
            taken={},
            seed=seed,
            now=0,
        )
        rates.append(len(plan.planned) / (time.perf_counter() - started))
    return rates


def _member(number: int) -> Member:
    account = UUID(int=number)
    rule = Rule(scope=f"account:{account}:like", limits=_LIMITS)
    return Member(
        member_id=account,
        account_id=account,
        provider_account_id=f"p{number}",
        name=f"Member {number}",
        active=True,
        connected=True,
        kinds=_LIKES,
        consented=_LIKES,
        rules={Kind.LIKE: rule},
    )


def run(report: Report, folder: Path, runs: int) -> None:  # noqa: ARG001 - as all sections
    """Planning with and without storing."""
    report.say("Planning 10,000 activities")
    report.add("planning_pure_per_s", "planner alone", _pure(runs, 10_000), "/s", digits=0)
    for count in (1_000, 50_000):
        label = f"planner alone, {count:,} members"
        report.add(f"planning_of.{count}", label, _pure(runs, count), "/s", digits=0)
    server = PostgresServer()
    server.start()
    thresholds = gc.get_threshold()
    collect_garbage_rarely()  # and uvloop: as in the scheduler's own process
    try:
        rates = uvloop.run(_stored(server.dsn(), runs))
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        server.stop()
    label = "planned and stored with decisions and events"
    report.add("planning_per_s", label, rates, "/s", digits=0)
