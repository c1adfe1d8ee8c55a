"""The executors and the notifier as processes: from the broker to the broker, and their end."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from chorus.events import ActivityDue, PostTarget
from chorus.ids import activity_id, new_id
from chorus.kafka.envelope import encode
from chorus.kafka.producer import EventProducer
from chorus.vocabulary import Kind, Lane, Mode, Platform
from chorus_lab.client import SandboxClient
from chorus_lab.seeding import Tenant, make_tenant
from chorus_lab.stack import Stack
from tests.integration.executor.harness import INSERT, ledger_row

SERVICES = ("executor", "browser-repost", "notifier")
SHORT = {
    "CHORUS_BEAT_SECONDS": "0.2",
    "CHORUS_FENCE_SECONDS": "0.5",
    "CHORUS_DEAD_AFTER_SECONDS": "1",
    "CHORUS_SWEEP_SECONDS": "0.2",
}


class Bench:
    """A stack without a scheduler: the test hands the commands over itself."""

    def __init__(self, stack: Stack, sandbox: SandboxClient) -> None:
        self.stack = stack
        self.sandbox = sandbox
        self.tenant = asyncio_run(self._tenant())
        for provider_id in self.tenant.provider_ids:
            sandbox.add_account(provider_id, provider_id)

    async def _tenant(self) -> Tenant:
        async with await AsyncConnection.connect(self.stack.owner_dsn, autocommit=True) as owner:
            return await make_tenant(owner, members=3, provider_prefix=new_id().hex)

    def commands(self, *, lane: Lane = Lane.API, in_seconds: float = 0.2) -> list[ActivityDue]:
        """One for each account, in the ledger and on the topic."""
        post = self.sandbox.add_post(self.tenant.provider_ids[0])
        post_id, due_at = new_id(), datetime.now(UTC) + timedelta(seconds=in_seconds)
        kind = Kind.LIKE if lane is Lane.API else Kind.REPOST
        made = [
            ActivityDue(
                platform=Platform.LINKEDIN,
                client_id=self.tenant.client_id,
                activity_id=activity_id(subject=post_id, account_id=account, kind=kind),
                execution=1,
                attempt=1,
                max_attempts=3,
                mode=Mode.PERFORM,
                kind=kind,
                lane=lane,
                account_id=account,
                provider_account_id=provider_id,
                target=PostTarget(post_id=post_id, social_id=post["social_id"]),
                due_at=due_at,
                correlation_id="correlation",
            )
            for account, provider_id in zip(
                self.tenant.accounts, self.tenant.provider_ids, strict=True
            )
        ]
        asyncio_run(self._hand_over(made))
        return made

    async def _hand_over(self, commands: Sequence[ActivityDue]) -> None:
        async with await AsyncConnection.connect(self.stack.owner_dsn, autocommit=True) as owner:
            for command in commands:
                await owner.execute(INSERT, ledger_row(command, self.tenant.pod_id))
        producer = EventProducer(self.stack.broker(), client_id="test")
        await producer.start()
        now = datetime.now(UTC)
        await producer.send(
            [encode(each, source="test", time=now, traceparent=None) for each in commands]
        )
        await producer.stop()

    def rows(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.stack.owner_dsn, row_factory=dict_row) as connection:
            return connection.execute(query, (self.tenant.client_id,)).fetchall()

    def closed(self) -> list[dict[str, Any]]:
        return self.rows(
            "select * from engagement.attempts where client_id = %s and closed_at is not null"
        )

    def wait_closed(self, count: int) -> list[dict[str, Any]]:
        self.stack.wait_until(lambda: len(self.closed()) >= count, within_s=30, what="the outcomes")
        return self.closed()


def asyncio_run(work: Any) -> Any:
    """In a thread, for a loop may be about in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work)).result()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("executor")
    settings = {"executor": SHORT}
    with Stack(folder, services=SERVICES, fast_postgres=True, settings=settings) as running:
        yield running


@pytest.fixture
def bench(stack: Stack) -> Iterator[Bench]:
    with SandboxClient(stack.urls["sandbox"]) as sandbox:
        yield Bench(stack, sandbox)


def test_a_due_command_becomes_an_effect_an_outcome_and_a_notification(bench: Bench) -> None:
    """E1, E2, P7: over the real broker, journal, relay and notifier."""
    commands = bench.commands()

    rows = bench.wait_closed(3)

    assert {row["outcome"] for row in rows} == {"executed"}
    assert all(row["called_at"] >= command.due_at for row in rows for command in commands)
    accounts = {effect.account_id for effect in bench.sandbox.truth(kind="like")}
    assert accounts >= set(bench.tenant.provider_ids)
    told = "select code from notifier.notifications where client_id = %s"
    bench.stack.wait_until(
        lambda: len(bench.rows(told)) == 3, within_s=15, what="the notifications"
    )


def test_the_browser_lane_is_carried_out_in_a_browser(bench: Bench) -> None:
    """P5, K4: over the same broker, journal and relay, each repost once."""
    commands = bench.commands(lane=Lane.BROWSER)

    rows = bench.wait_closed(3)

    assert {row["outcome"] for row in rows} == {"executed"}
    accounts = sorted(effect.account_id for effect in bench.sandbox.truth(kind="repost"))
    assert accounts == sorted(command.provider_account_id for command in commands)


def test_a_process_killed_between_effect_and_record_leaves_one_effect(bench: Bench) -> None:
    """INVARIANT: SIGKILL with calls out: the next process looks first, and repeats nothing."""
    point = bench.sandbox.add_hold_point(when="after", match={"route": "react"})
    commands = bench.commands()
    bench.sandbox.wait_at_hold_point(point, within_s=15, count=3)
    bench.stack.kill("executor")
    bench.sandbox.release_hold_point(point)

    bench.stack.restart("executor")

    rows = bench.wait_closed(3)
    assert {(row["outcome"], row["verified"], row["takeovers"]) for row in rows} == {
        ("executed", True, 1)
    }
    accounts = [command.provider_account_id for command in commands]
    effects = [each for each in bench.sandbox.truth(kind="like") if each.account_id in accounts]
    assert len(effects) == 3


def test_a_process_that_is_told_to_end_gives_back_what_waits(bench: Bench) -> None:
    """INVARIANT: SIGTERM is quick, and the next process carries on without verifying."""
    bench.commands(in_seconds=3.0)
    opened = "select * from engagement.attempts where client_id = %s"
    bench.stack.wait_until(lambda: len(bench.rows(opened)) == 3, within_s=15, what="the rows")

    assert bench.stack.terminate("executor", timeout_s=5)

    assert {row["worker_id"].int for row in bench.rows(opened)} == {0}
    bench.stack.restart("executor")
    rows = bench.wait_closed(3)
    assert {(row["outcome"], row["verified"]) for row in rows} == {("executed", False)}
