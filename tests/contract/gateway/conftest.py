"""The scheduler's port over the fake, and over the real scheduler on a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from chorus.clock import Clock
from chorus.ids import new_id
from chorus.postgres.pool import open_pool
from chorus.settings import PostgresSettings
from chorus.testing import FakeClock
from chorus.vocabulary import ApprovalMode, State
from chorus_gateway.scheduler.fake import FakeScheduler
from chorus_gateway.scheduler.fake_ledger import FakeMember
from chorus_gateway.scheduler.http import HttpScheduler
from chorus_gateway.scheduler.port import Scheduler
from chorus_scheduler.api import create_api
from chorus_scheduler.app import SESSION_OPTIONS
from chorus_scheduler.commands.steering import Steering
from chorus_scheduler.planning.planner import Planner
from tests.integration.gateway.conftest import (
    POST_URL,
    Tenant,
    World,
    account_of,
    ada,
    bob,
    gateway_dsn,
    gateway_pool,
    world,
)

__all__ = ["ada", "bob", "gateway_dsn", "gateway_pool", "world"]

_TOKEN = "t" * 32
_PASSWORD = "for-tests"


class Stage(Protocol):
    """What a test of the port needs around it."""

    scheduler: Scheduler
    client_id: UUID
    other_client_id: UUID
    clock: Clock

    async def post(self, *, published: bool = True) -> UUID:
        """A post of the tenant."""

    async def member(self) -> UUID:
        """A member who takes part in everything; answers its account."""

    async def force(self, activity_id: UUID, state: State) -> None:
        """Put an activity into a state, as an executor's news would."""

    async def withdraw(self, account_id: UUID) -> None:
        """The account's owner no longer agrees to anything."""

    async def wants(self, account_id: UUID, mode: ApprovalMode) -> None:
        """How much the account's owner leaves to the scheduler, of every kind."""


class FakeStage:
    """Around the fake."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fake = FakeScheduler(clock=clock)
        self.scheduler: Scheduler = self.fake
        self.client_id, self.other_client_id = new_id(), new_id()
        self._members: list[FakeMember] = []

    async def post(self, *, published: bool = True) -> UUID:
        post_id = new_id()
        self.fake.knows_post(self.client_id, post_id, published=published)
        return post_id

    async def member(self) -> UUID:
        member = FakeMember(account_id=new_id(), member_id=new_id(), name="Ada")
        self._members.append(member)
        self.fake.knows_members(self.client_id, self._members)
        return member.account_id

    async def force(self, activity_id: UUID, state: State) -> None:
        held = self.fake.held(activity_id)
        changed = held.activity.model_copy(update={"state": state})
        self.fake.put(replace(held, activity=changed))

    async def withdraw(self, account_id: UUID) -> None:
        self.fake.withdraws(account_id)

    async def wants(self, account_id: UUID, mode: ApprovalMode) -> None:
        self.fake.owner_wants(account_id, mode)


@dataclass(slots=True)
class RealStage:
    """Around the real scheduler; tenants, pods and posts are made through the gateway."""

    scheduler: Scheduler
    world: World
    tenant: Tenant
    other: Tenant
    _number: int = 0
    _pod: str = ""

    @property
    def client_id(self) -> UUID:
        return self.tenant.client_id

    @property
    def other_client_id(self) -> UUID:
        return self.other.client_id

    @property
    def clock(self) -> Clock:
        return self.world.clock

    async def post(self, *, published: bool = True) -> UUID:
        if self._number == 0:
            # Somebody through whom posts are looked up, in no pod.
            await account_of(self.tenant)
        self._number += 1
        number = 7379160923545600000 + self._number
        url = POST_URL.replace("7379160923545600000", str(number))
        body = {"url": url, "pod_id": await self._pod_id()}
        post = await self.tenant.post("/api/posts", body | {"comment_texts": ["One.", "Two."]})
        if not published:
            await self.world.ledger.conn.execute(
                "update gateway.posts set state = 'failed' where id = %s", (post["id"],)
            )
        return UUID(post["id"])

    async def member(self) -> UUID:
        account = await account_of(self.tenant)
        path = f"/api/pods/{await self._pod_id()}/members"
        await self.tenant.post(path, {"account_id": account["id"]})
        return UUID(account["id"])

    async def _pod_id(self) -> str:
        if not self._pod:
            self._pod = (await self.tenant.post("/api/pods", {"name": "The pod"}))["id"]
        return self._pod

    async def force(self, activity_id: UUID, state: State) -> None:
        await self.world.ledger.conn.execute(
            "update scheduler.activities set state = %(state)s, approval = 'not_needed',"
            " lease_until = now() + interval '1 hour', stopped_at = null, stopped_by = null,"
            " stop_code = null, stop_reason = null, effect = case %(state)s::text"
            " when 'executed' then 'seen' when 'unknown' then 'possible' else 'none' end"
            " where id = %(id)s",
            {"state": state, "id": activity_id},
        )

    async def withdraw(self, account_id: UUID) -> None:
        body = {"kinds": ["like", "comment", "repost"], "granted": False}
        await self.tenant.post(f"/api/accounts/{account_id}/consents", body)

    async def wants(self, account_id: UUID, mode: ApprovalMode) -> None:
        modes = dict.fromkeys(("like", "comment", "repost"), str(mode))
        path = f"/api/accounts/{account_id}/approval-modes"
        assert (await self.tenant.http.patch(path, json=modes)).is_success


@pytest.fixture
async def fake_stage() -> FakeStage:
    """The port over the fake."""
    return FakeStage(FakeClock())


@pytest.fixture
async def real_stage(world: World, ada: Tenant, bob: Tenant) -> AsyncIterator[RealStage]:
    """The port over HTTP and the real scheduler, as its own role."""
    info = world.ledger.conn.info
    dsn = _scheduler_dsn(f"postgresql://{info.host}:{info.port}/{info.dbname}")
    await world.ledger.conn.execute(f"alter role chorus_scheduler password '{_PASSWORD}'".encode())
    settings = PostgresSettings(dsn=SecretStr(dsn))
    pool = await open_pool(settings, name="scheduler-test", session=SESSION_OPTIONS)
    api = create_api(
        planner=Planner(pool=pool, clock=world.clock),
        steering=Steering(pool=pool, clock=world.clock, parked_expires=timedelta(hours=24)),
        token=_TOKEN,
    )
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://scheduler.test") as client:
        scheduler = HttpScheduler(client, SecretStr(_TOKEN))
        yield RealStage(scheduler, world, ada, bob)
    await pool.close()


def _scheduler_dsn(dsn: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"chorus_scheduler:{_PASSWORD}@{parts.netloc}"))


@pytest.fixture(params=["fake", "real"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each test runs over both."""
    found: Stage = request.getfixturevalue(f"{request.param}_stage")
    return found
