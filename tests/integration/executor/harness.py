"""A tenant, its ledger, the sandbox, and executors over them without a broker."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import orjson
import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow

from chorus.clock import SystemClock
from chorus.documents import VoiceCartridge
from chorus.events import ActivityDue, ActivityExecuted, PostPublished, PostTarget
from chorus.ids import activity_id, new_id
from chorus.postgres.pool import Pool
from chorus.testing import eventually
from chorus.testing.targets import post_of
from chorus.vocabulary import Kind, Lane, Mode, Platform
from chorus_execution.core import Core
from chorus_execution.journal import Keep
from chorus_executor.app import unipile
from chorus_executor.core import Outside, assemble
from chorus_executor.providers.fake import FakeProvider
from chorus_executor.providers.registry import Registry
from chorus_executor.settings import ExecutorSettings
from chorus_lab.seeding import Tenant
from chorus_sandbox.app import UNIPILE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.faults import Fault, FaultKind
from chorus_sandbox.world.hold_points import HoldPoint, When
from chorus_sandbox.world.matching import Match
from chorus_sandbox.world.people import Post
from chorus_sandbox.world.truth import Effect
from tests.integration.core_process import CoreProcess

NOTHING = Keep(seconds=0, executed_seconds=0, executed=1_000, others=500, at_least_seconds=0)
"""Of ended attempts nothing is kept."""
ROUTES: Mapping[Kind, str] = {
    Kind.LIKE: "react",
    Kind.COMMENT: "comment",
    Kind.REPOST: "create_post",
    Kind.PUBLISH: "create_post",
}
"""The sandbox's names for the one write of each kind."""

QUICK: Mapping[str, Any] = {
    "engagement_seconds": 0.6,
    "settle_seconds": 0.05,
    "verify_pauses": (0.05, 0.1),
    "beat_seconds": 0.1,
    "fence_seconds": 0.3,
    "dead_after_seconds": 0.6,
    "sweep_seconds": 0.1,
}


def as_role(dsn: str, role: str) -> str:
    """The DSN of the same database for a service's own role."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        change = sql.SQL("alter role {} password 'for-tests'").format(sql.Identifier(role))
        connection.execute(change)
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:for-tests@{host}"))


@dataclass(slots=True, kw_only=True)
class Harness:
    """`owner` sees everything; executors sign in as their own role."""

    owner: AsyncConnection[DictRow]
    dsn: str
    tenant: Tenant
    server: SandboxServer
    stack: AsyncExitStack
    posts: dict[UUID, Post] = field(default_factory=dict)

    def add_post(self) -> UUID:
        state = self.server.sandbox.state
        author = state.add_person(name="Somebody Else")
        post = state.add_post(
            author=author, text="A post.", created_ms=self.server.sandbox.now_ms()
        )
        post_id = new_id()
        self.posts[post_id] = post
        return post_id

    def account(self, number: int = 0) -> str:
        """Make the account stand in the sandbox; its id at the provider."""
        state, provider_id = self.server.sandbox.state, self.tenant.provider_ids[number]
        if provider_id not in state.accounts:
            person = state.add_person(name=f"Member {number}")
            state.add_account(
                person=person, created_ms=self.server.sandbox.now_ms(), account_id=provider_id
            )
        return provider_id

    async def due(
        self,
        kind: Kind,
        *,
        account: int = 0,
        post_id: UUID | None = None,
        text: str | None = None,
        in_seconds: float = 0.0,
        lane: Lane = Lane.API,
        cartridge_id: UUID | None = None,
        by_url: bool = False,
        platform: Platform = Platform.LINKEDIN,
    ) -> ActivityDue:
        """A dispatched activity in the ledger, and its command."""
        post_id = post_id or self.add_post()
        post = self.posts.get(post_id)
        account_id = self.tenant.accounts[account]
        command = ActivityDue(
            client_id=self.tenant.client_id,
            activity_id=activity_id(subject=post_id, account_id=account_id, kind=kind),
            execution=1,
            attempt=1,
            max_attempts=3,
            mode=Mode.PERFORM,
            kind=kind,
            lane=lane,
            platform=platform,
            account_id=account_id,
            provider_account_id=self.account(account),
            target=PostTarget(
                post_id=post_id,
                url=post.share_url if post else None,
                social_id=post.social_id if post and not by_url else None,
            ),
            text=text,
            voice="none",
            cartridge_id=cartridge_id,
            due_at=datetime.now(UTC) + timedelta(seconds=in_seconds),
            correlation_id="correlation",
        )
        await self.owner.execute(INSERT, ledger_row(command, self.tenant.pod_id))
        return command

    async def queued_post(self, command: ActivityDue, *, amplify: bool) -> None:
        """What the gateway holds of a post that is to be published."""
        await self.owner.execute(
            "insert into gateway.posts (id, client_id, pod_id, author_account_id, text, state,"
            " scheduled_for, amplify, correlation_id)"
            " values (%s, %s, %s, %s, %s, 'queued', now(), %s, 'correlation')",
            (
                post_of(command).post_id,
                command.client_id,
                self.tenant.pod_id,
                command.account_id,
                command.text,
                amplify,
            ),
        )

    async def again(self, command: ActivityDue, *, mode: Mode = Mode.PERFORM) -> ActivityDue:
        """The ledger hands the activity over once more."""
        values = (command.execution + 1, mode, str(mode), command.activity_id)
        await self.owner.execute(
            "update scheduler.activities set execution = %s, mode = %s,"
            " unheard = unheard || (execution + 1),"
            " effect = case %s::text when 'verify' then 'possible' else 'none' end where id = %s",
            values,
        )
        return command.model_copy(update={"execution": command.execution + 1, "mode": mode})

    async def denied(self, command: ActivityDue) -> None:
        """A person says in the ledger that nothing of what was over by then is there."""
        await self.owner.execute(
            "update scheduler.activities set denied = array(select generate_series(1, %s)),"
            " denied_by = 'user:ada', denied_at = now() where id = %s",
            (command.execution, command.activity_id),
        )

    async def cartridge(self, cartridge: VoiceCartridge) -> UUID:
        cartridge_id = new_id()
        await self.owner.execute(
            "insert into gateway.voice_cartridges (id, client_id, name, definition)"
            " values (%s, %s, %s, %s)",
            (cartridge_id, self.tenant.client_id, str(cartridge_id), cartridge.model_dump_json()),
        )
        return cartridge_id

    async def executor(
        self, *, provider: FakeProvider | None = None, **settings: Any
    ) -> CoreProcess:
        """One more executor, beating and sweeping until the test ends."""
        values = {
            "unipile_url": self.server.unipile_url,
            "unipile_api_key": UNIPILE_KEY,
            "concurrency": 50,
            **QUICK,
            **settings,
        }
        wanted = ExecutorSettings(**values)

        async def make(pool: Pool, stack: AsyncExitStack) -> Core:
            network = provider or unipile(wanted)
            stack.push_async_callback(network.aclose)
            registry = Registry(network.ports)
            return assemble(wanted, Outside(clock=SystemClock(), pool=pool, registry=registry))

        process = CoreProcess(self.dsn, make, self.server.sandbox.hold_points)
        return await self.stack.enter_async_context(process)

    def fault(self, kind: FaultKind, route: str, **values: Any) -> Fault:
        faults = self.server.sandbox.faults
        when = values.pop("when", "after" if kind.endswith("_after") else "before")
        fault = Fault(id=faults.next_id(), kind=kind, match=Match(route=route), when=when, **values)
        faults.add(fault)
        return fault

    def hold_point(self, route: str, when: When) -> HoldPoint:
        return self.server.sandbox.hold_points.add(match=Match(route=route), when=when)

    @property
    def effects(self) -> list[Effect]:
        return self.server.sandbox.truth.effects

    async def effect(self) -> Effect:
        """The first effect, waited for."""
        found = await eventually(lambda: self.effects)
        return found[0]

    async def opened(self, count: int) -> None:
        """Return when so many rows are in the journal."""

        async def there() -> bool:
            return len(await self.attempts()) >= count

        await eventually(there, every=0.005)

    async def locked(self, command: ActivityDue) -> None:
        """Hold the command's row, once it is there, until the owner's transaction ends."""

        async def there() -> int:
            cursor = await self.owner.execute(
                "select from engagement.attempts where activity_id = %s for update",
                (command.activity_id,),
            )
            return cursor.rowcount

        await eventually(there, every=0.001)

    async def event_ids(self, topic: str) -> set[str]:
        cursor = await self.owner.execute(
            "select headers from engagement.outbox where topic = %s", (topic,)
        )
        return {dict(row["headers"])["ce_id"] for row in await cursor.fetchall()}

    async def attempts(self) -> list[dict[str, Any]]:
        cursor = await self.owner.execute(
            "select * from engagement.attempts order by opened_at, execution"
        )
        return await cursor.fetchall()

    async def outcomes(self) -> list[ActivityExecuted]:
        """What the outbox holds, in order."""
        found = await self._outbox("activity.executed")
        return [ActivityExecuted.model_validate_json(value) for value in found]

    async def outcome(self, count: int = 1) -> ActivityExecuted:
        """The last of `count` outcomes, waited for."""

        async def there() -> list[ActivityExecuted]:
            found = await self.outcomes()
            return found if len(found) >= count else []

        found = await eventually(there)
        assert len(found) == count
        return found[-1]

    async def published(self) -> list[PostPublished]:
        found = await self._outbox("post.published")
        return [PostPublished.model_validate_json(value) for value in found]

    async def _outbox(self, topic: str) -> list[bytes]:
        cursor = await self.owner.execute(
            "select value from engagement.outbox where topic = %s order by id", (topic,)
        )
        return [row["value"] for row in await cursor.fetchall()]


def ledger_row(command: ActivityDue, pod_id: UUID) -> dict[str, Any]:
    row = orjson.loads(command.model_dump_json())
    row |= {"pod_id": pod_id, "post_id": row["target"]["post_id"]}
    return {"row": orjson.dumps(row).decode()}


INSERT = """
insert into scheduler.activities
    (id, client_id, post_id, pod_id, account_id, provider_account_id, platform, kind, lane, state,
     reason_code, reason, draft_text, cartridge_id, seed, scheduled_for, due_at, execution, unheard,
     lease_until, correlation_id)
select r.activity_id, r.client_id, r.post_id, r.pod_id, r.account_id, r.provider_account_id,
       r.platform, r.kind, r.lane, 'dispatched', 'due', 'It is due and was handed over.',
       r.text, r.cartridge_id, 1,
       r.due_at, r.due_at, r.execution, array[r.execution], now() + interval '1 hour',
       r.correlation_id
from jsonb_to_record(%(row)s::jsonb) as r (
    activity_id uuid, client_id uuid, post_id uuid, pod_id uuid, account_id uuid,
    provider_account_id text, platform text, kind text, lane text, text text, due_at timestamptz,
    execution integer, correlation_id text, cartridge_id uuid)
"""
