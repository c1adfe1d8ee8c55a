"""A scheduler without its process: real Postgres, its own role, a clock that tests move."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row

from chorus import texts
from chorus.documents.activity_commands import Approve
from chorus.events import ActivityDue, ActivityExecuted
from chorus.kafka.envelope import Received, decode
from chorus.outbox.relay import Relay
from chorus.postgres.listen import Listener
from chorus.postgres.pool import Pool, open_pool
from chorus.settings import PostgresSettings
from chorus.testing import FakeClock, FakePublisher
from chorus.vocabulary import Lane
from chorus_lab.seeding import Tenant, make_tenant
from chorus_scheduler.app import SESSION_OPTIONS
from chorus_scheduler.commands.steering import Steering
from chorus_scheduler.dispatcher import WAKE, Dispatcher
from chorus_scheduler.domain.activity import Activity
from chorus_scheduler.outcomes import Settler
from chorus_scheduler.planning.planner import Planner
from chorus_scheduler.planning.publish import PublishPlanner
from chorus_scheduler.settings import SchedulerSettings
from chorus_scheduler.store.plan_writes import NEWS
from chorus_scheduler.sweeps import Sweeper
from tests.integration.scheduler.events import record_from

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def as_role(dsn: str, role: str) -> str:
    """The DSN of the same database for a service's own role."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(sql.SQL("alter role {} password 'for-tests'").format(sql.Identifier(role)))
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:for-tests@{host}"))


@dataclass(slots=True, kw_only=True)
class World:
    """What a test of the scheduler needs at hand."""

    owner: AsyncConnection[DictRow]
    pool: Pool
    dsn: str
    clock: FakeClock
    publisher: FakePublisher
    planner: Planner
    publishing: PublishPlanner
    dispatcher: Dispatcher
    settler: Settler
    steering: Steering
    sweeper: Sweeper
    settings: SchedulerSettings
    tenant: Tenant

    async def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows, read as the owner."""
        cursor = await self.owner.execute(query, parameters)
        return list(await cursor.fetchall())

    async def activities(self) -> list[dict[str, Any]]:
        """The whole ledger, in the order of due times."""
        return await self.rows("select * from scheduler.activities order by due_at, id")

    async def decisions(self, activity: UUID | None = None) -> list[str]:
        """Codes of decisions, in order, as the gateway reads them; of all tenants."""
        found: list[dict[str, Any]] = []
        for client in await self.rows("select id::text from gateway.clients order by id"):
            await self.rows("select set_config('chorus.client_id', %s, false)", client["id"])
            found += await self.rows(
                "select activity_id, code from scheduler.api_decisions order by id"
            )
        return [row["code"] for row in found if activity in (None, row["activity_id"])]

    def commands(self) -> list[ActivityDue]:
        """Every due command that was sent."""
        models = {ActivityDue.type: ActivityDue}
        sent = [decode(record_from(out), models).event for out in self.publisher.sent]
        return [event for event in sent if isinstance(event, ActivityDue)]

    async def approve(self, wish: dict[str, Any]) -> Activity:
        """A yes of somebody who reads what stands there, and nods at once."""
        (row,) = await self.rows(
            "select draft_text from scheduler.activities where id = %s", wish["activity_id"]
        )
        said = {name: wish[name] for name in Approve.model_fields if name in wish}
        said["text_sha256"] = texts.digest(row["draft_text"])
        return await self.steering.approve(Approve(**said))

    async def settle(self, *events: ActivityExecuted) -> None:
        """Let outcomes arrive."""
        await self.settler.flush([_received(event, self.clock.now()) for event in events])

    async def dispatch_all(self) -> list[ActivityDue]:
        """Dispatch until nothing more is due; the commands that went out."""
        before = len(self.commands())
        while (await self.dispatcher.dispatch_once()).claimed:
            continue
        return self.commands()[before:]


def _received(event: ActivityExecuted, time: datetime) -> Received[ActivityExecuted]:
    return Received(event, "id", "test", time, None, "activity.executed", 0, 0)


@pytest.fixture
async def world(migrated_database: str) -> AsyncIterator[World]:
    """A tenant of eight members and a scheduler around it."""
    dsn = as_role(migrated_database, "chorus_scheduler")
    postgres = PostgresSettings(DATABASE_URL=dsn)
    clock, publisher = FakeClock(NOW), FakePublisher()
    settings = SchedulerSettings(internal_token="a-token-for-the-tests-only")
    listener = Listener(dsn, [WAKE])
    pool = await open_pool(postgres, name="test-scheduler")
    ledger = await open_pool(postgres, name="test-scheduler-ledger", session=SESSION_OPTIONS)
    owner = await AsyncConnection.connect(migrated_database, autocommit=True, row_factory=dict_row)
    await owner.execute(
        "insert into scheduler.pulses (lane, at) select unnest(%s::text[]), %s", (list(Lane), NOW)
    )
    planner = Planner(pool=pool, clock=clock)
    publishing = PublishPlanner(pool=pool, clock=clock)
    yield World(
        owner=owner,
        pool=pool,
        dsn=dsn,
        clock=clock,
        publisher=publisher,
        planner=planner,
        publishing=publishing,
        dispatcher=Dispatcher(
            pool=ledger, publisher=publisher, listener=listener, clock=clock, settings=settings
        ),
        settler=Settler(pool=ledger, clock=clock),
        steering=Steering(pool=pool, clock=clock, parked_expires=timedelta(hours=24)),
        sweeper=Sweeper(
            pool=pool,
            publisher=publisher,
            clock=clock,
            settings=settings,
            planner=planner,
            publishing=publishing,
        ),
        settings=settings,
        tenant=await make_tenant(owner, members=8),
    )
    await owner.close()
    await pool.close()
    await ledger.close()


@pytest.fixture
async def relay(world: World) -> Relay:
    """The relay of the scheduler's outbox, not running."""
    return Relay(world.pool, world.dsn, "scheduler", world.publisher, reading=NEWS)
