"""The test bed: a stack without a gateway, a tenant with many accounts, and a ledger to fill."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from chorus.documents import KindPolicy, PodPolicy
from chorus_lab.seeding import Tenant, allow_everything, make_post, make_tenant
from chorus_lab.stack import Stack

WIDE = PodPolicy(like=KindPolicy(from_seconds=0, to_seconds=0))
"""No cap per post: what is measured is the machinery, not the waiting."""

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "executor": {
        "CHORUS_CONCURRENCY": "50",
        "CHORUS_MAX_IN_FLIGHT": "2000",
        "CHORUS_CHECK_FIRST": "false",
    }
}
"""One call for each like, as it was before each was preceded by a look: what is measured is the
machinery around a call, not how many calls the network is asked for.
"""

_FILL = """
insert into scheduler.activities (
    id, client_id, post_id, pod_id, account_id, member_id, provider_account_id, platform, kind,
    lane, state, reason_code, reason, target_social_id, seed, scheduled_for, due_at, correlation_id)
select gen_random_uuid(), %(client)s, p.id, %(pod)s, a.id, a.member, a.provider,
       'linkedin', 'like', 'api', 'scheduled', 'planned', 'Planned for a benchmark.', p.social, 0,
       d.due, d.due, 'bench'
from generate_series(0, %(count)s - 1) as n
cross join lateral (select %(first)s + n * %(every)s::interval as due) d
join unnest(%(accounts)s::uuid[], %(ids)s::uuid[], %(providers)s::text[]) with ordinality
    as a(id, member, provider, place) on a.place = n %% %(members)s + 1
join unnest(%(posts)s::uuid[], %(socials)s::text[]) with ordinality
    as p(id, social, place) on p.place = n / %(members)s + 1
order by n
"""
"""In the order of `n`, whatever the plan of the join: accounts take turns. Twenty of one account in
a row, as the join gave them, keep a hundred accounts busy and measure how long one thing takes.
"""


_UNDER_WAY = """
select exists (select from scheduler.activities where unheard <> '{}')
    or exists (select from scheduler.activities
               where state in ('scheduled', 'unknown') and parked_by is null and not needs_person
                 and due_at < now() + interval '1 day') as under_way
"""
"""Cheap by its indexes: what is measured must not be the measuring."""


@dataclass(slots=True, kw_only=True)
class Bed:
    """A running stack and what is needed to fill and read it."""

    stack: Stack
    owner: AsyncConnection[DictRow]
    http: httpx.AsyncClient
    tenant: Tenant
    socials: dict[UUID, str] = field(default_factory=dict)

    async def fill(self, count: int, *, first: datetime, every_s: float) -> list[UUID]:
        """Put `count` likes into the ledger, due from `first` on; returns their posts."""
        members = len(self.tenant.accounts)
        posts = await self._posts(-(-count // members))
        parameters = {
            "client": self.tenant.client_id,
            "pod": self.tenant.pod_id,
            "count": count,
            "first": first,
            "every": f"{every_s} seconds",
            "accounts": self.tenant.accounts,
            "ids": self.tenant.members,
            "providers": self.tenant.provider_ids,
            "members": members,
            "posts": posts,
            "socials": [self.socials[post] for post in posts],
        }
        async with self.owner.transaction():
            await self.owner.execute(_FILL, parameters)
            await self.owner.execute("select pg_notify('chorus_scheduler_due', '')")
        return posts

    async def _posts(self, count: int) -> list[UUID]:
        made = []
        for _ in range(count):
            answer = await self.control(
                "/posts", {"account_id": self.tenant.provider_ids[0], "text": "A benchmark."}
            )
            post = await make_post(
                self.owner, self.tenant, social_id=answer["social_id"], amplify=False
            )
            self.socials[post] = answer["social_id"]
            made.append(post)
        return made

    async def control(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """A POST to the sandbox's control API."""
        response = await self.http.post(f"/control{path}", json=body)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    async def latency(self, milliseconds: int) -> None:
        """Make every call to the network take this long."""
        await self.control("/latency", {"ms": milliseconds})

    async def truth(self) -> dict[str, Any]:
        """The sandbox's own summary."""
        response = await self.http.get("/control/truth/summary")
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    async def one(self, query: str, *parameters: object) -> dict[str, Any]:
        """One row, read as the owner."""
        row = await (await self.owner.execute(query.encode(), parameters)).fetchone()
        assert row is not None
        return row

    async def settled(self, posts: list[UUID], *, within_s: float) -> float:
        """Wait until every activity of these posts is executed; the instant (perf_counter)."""
        deadline = time.perf_counter() + within_s
        while (await self.one(_UNDER_WAY))["under_way"]:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"activities are still open after {within_s:g} s")
            await asyncio.sleep(0.05)
        ended = time.perf_counter()
        row = await self.one(
            "select count(*) as open from scheduler.activities"
            " where post_id = any(%s) and state <> 'executed'",
            posts,
        )
        assert row["open"] == 0, f"{row['open']} activities ended without being executed"
        return ended

    async def lateness_ms(self, posts: list[UUID]) -> dict[str, float]:
        """From the due instant to the start of the call, by the journal."""
        return await self.one(
            """
            select count(*) as n,
                   percentile_cont(0.5) within group (order by l.ms) as p50,
                   percentile_cont(0.95) within group (order by l.ms) as p95,
                   percentile_cont(0.99) within group (order by l.ms) as p99,
                   max(l.ms) as max, min(l.ms) as min
            from scheduler.activities a
            join engagement.attempts t on t.activity_id = a.id and t.execution = 1
            cross join lateral (
                select extract(epoch from t.called_at - a.due_at)::float * 1000 as ms) l
            where a.post_id = any(%s)
            """,
            posts,
        )


@contextmanager
def stack(
    folder: Path,
    *,
    executors: int = 1,
    settings: Mapping[str, Mapping[str, str]] = SETTINGS,
    services: Sequence[str] = ("scheduler", "executor"),
) -> Iterator[Stack]:
    """Scheduler and executors; the other services would only take the machine's time."""
    with Stack(folder, executors=executors, services=services, settings=settings) as running:
        yield running


@asynccontextmanager
async def bed(
    running: Stack, *, members: int = 1000, prefix: str = "bench", policy: PodPolicy = WIDE
) -> AsyncIterator[Bed]:
    """A tenant with `members` accounts that the sandbox knows, with limits wide open."""
    limits = httpx.Limits(max_connections=20)
    async with (
        httpx.AsyncClient(
            base_url=running.urls["sandbox"], timeout=httpx.Timeout(30, pool=None), limits=limits
        ) as http,
        await AsyncConnection.connect(
            running.owner_dsn, autocommit=True, row_factory=dict_row
        ) as owner,
    ):
        await owner.execute("set enable_seqscan = off")  # its looks are to cost little
        tenant = await make_tenant(owner, members=members, policy=policy, provider_prefix=prefix)
        await allow_everything(owner, tenant, per_hour=100_000)
        made = Bed(stack=running, owner=owner, http=http, tenant=tenant)
        await asyncio.gather(*(_known(made, name) for name in tenant.provider_ids))
        yield made


async def _known(made: Bed, name: str) -> None:
    await made.control("/accounts", {"id": name, "name": name})
