"""The outbox and its relay on a real Postgres; the broker is the fake that passes its contract."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from chorus.kafka.envelope import Outgoing
from chorus.outbox.relay import Relay
from chorus.outbox.store import append
from chorus.postgres.pool import Pool, open_pool
from chorus.settings import PostgresSettings
from chorus.testing import FakePublisher, eventually
from tests.integration.chorus.harness import outgoing, stream

SCHEMA = "facts"
_TABLE = """
create schema facts;
create table facts.things (name text primary key);
create table facts.outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key bytea not null,
    value bytea not null,
    headers jsonb not null,
    created_at timestamptz not null default now()
)
"""


@pytest.fixture
async def pool(postgres: PostgresSettings) -> AsyncIterator[Pool]:
    pool = await open_pool(postgres, name="test")
    async with pool.connection() as conn:
        await conn.execute(_TABLE)
    yield pool
    await pool.close()


def _relay(pool: Pool, publisher: Any, **values: Any) -> Relay:
    assert isinstance(pool.conninfo, str)
    return Relay(pool, pool.conninfo, SCHEMA, publisher, **values)


@asynccontextmanager
async def _running(relay: Relay) -> AsyncIterator[Relay]:
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.request_stop()
        await task


async def _store(pool: Pool, messages: list[Outgoing]) -> None:
    async with pool.connection() as conn, conn.transaction():
        await append(conn, SCHEMA, messages)


async def _rows(pool: Pool) -> int:
    async with pool.connection() as conn:
        row = await (await conn.execute("select count(*) as n from facts.outbox")).fetchone()
    assert row is not None
    return int(row["n"])


async def test_publishes_in_order_and_keeps_nothing(pool: Pool) -> None:
    """K1: what was stored is sent once, as it was, in the order of storing."""
    publisher = FakePublisher()
    messages = stream(keys=30, each=50)
    async with _running(_relay(pool, publisher, batch=400)):
        for start in range(0, len(messages), 100):
            await _store(pool, messages[start : start + 100])
        await eventually(lambda: len(publisher.sent) == len(messages))
        await eventually(lambda: _is_empty(pool))
    assert publisher.sent == messages


async def test_is_woken_and_does_not_wait_for_its_poll(pool: Pool) -> None:
    """E1: an event leaves when it is committed, not at the next poll."""
    publisher = FakePublisher()
    async with _running(_relay(pool, publisher, poll_seconds=30.0)) as relay:
        await asyncio.wait_for(relay.leading.wait(), 10)
        for number in range(5):
            await _store(pool, [outgoing(1, number)])
            await eventually(lambda: len(publisher.sent) == number + 1, 5)  # noqa: B023 - awaited
        relay.request_stop()


async def test_an_event_of_a_transaction_that_failed_is_not_sent(pool: Pool) -> None:
    """INVARIANT: a change and its event are stored together or not at all (2)."""
    publisher = FakePublisher()
    async with _running(_relay(pool, publisher)):
        with pytest.raises(psycopg.errors.UniqueViolation):
            await _store_and_fail(pool)
        await _store(pool, [outgoing(1, 1)])
        await eventually(lambda: publisher.sent)
    assert publisher.sent == [message for message in publisher.sent if b"/1/1" in message.value]


async def test_a_row_that_becomes_visible_late_is_sent(pool: Pool) -> None:
    """INVARIANT: a row whose transaction ends after those of higher ids is never skipped."""
    publisher = FakePublisher()
    async with _running(_relay(pool, publisher)):
        async with pool.connection() as slow, slow.transaction():
            await append(slow, SCHEMA, [outgoing(1, 0)])
            await _store(pool, [outgoing(2, 0)])
            await eventually(lambda: len(publisher.sent) == 1)
        await eventually(lambda: len(publisher.sent) == 2)
    assert [message.key for message in publisher.sent] == [outgoing(2, 0).key, outgoing(1, 0).key]


async def test_only_one_of_two_relays_works(pool: Pool) -> None:
    """INVARIANT: one relay of a schema at a time, so that the order is kept."""
    publishers = [FakePublisher(), FakePublisher()]
    first, second = (_relay(pool, publisher) for publisher in publishers)
    async with _running(first):
        await asyncio.wait_for(first.leading.wait(), 10)
        async with _running(second):
            await _store(pool, stream(keys=5, each=20))
            await eventually(lambda: len(publishers[0].sent) == 100)
            assert not second.leading.is_set()
            first.request_stop()
            await asyncio.wait_for(second.leading.wait(), 10)
            await _store(pool, [outgoing(9, 9)])
            await eventually(lambda: len(publishers[1].sent) == 1)
    assert len(publishers[0].sent) == 100


async def test_is_elected_anew_when_its_session_dies(pool: Pool) -> None:
    """2: the lock goes with the session; nothing is lost, order holds for what follows."""
    publisher = FakePublisher()
    relay = _relay(pool, publisher)
    async with _running(relay):
        await asyncio.wait_for(relay.leading.wait(), 10)
        await _terminate_relays(pool)
        await _store(pool, stream(keys=3, each=10))
        await eventually(lambda: len(publisher.sent) >= 30)
        assert publisher.sent == stream_like(publisher.sent)
        await eventually(lambda: _is_empty(pool))


class _Deadly(FakePublisher):
    """Ends the relay's session after its first batch was stored, before it can be deleted."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    async def send(self, batch: Sequence[Outgoing]) -> None:
        first = not self.sent
        await super().send(batch)
        if first and batch:
            await _terminate_relays(self._pool)


async def test_a_crash_between_send_and_delete_repeats_one_batch(pool: Pool) -> None:
    """INVARIANT: at least once: a crash repeats what was under way, in order, and loses nothing."""
    publisher = _Deadly(pool)
    messages = stream(keys=1, each=30)
    await _store(pool, messages)
    async with _running(_relay(pool, publisher, batch=10)):
        await eventually(lambda: _is_empty(pool))
    assert publisher.sent == messages[:10] + messages


async def test_waits_for_a_broker_that_is_away(pool: Pool) -> None:
    """2: a lost broker delays events and loses none; the rows stay until it has them."""
    publisher = FakePublisher()
    publisher.available = False
    messages = stream(keys=4, each=5)
    async with _running(_relay(pool, publisher, poll_seconds=0.05)) as relay:
        await _store(pool, messages)
        await eventually(relay.leading.is_set)
        assert await _rows(pool) == 20
        publisher.available = True
        await eventually(lambda: len(publisher.sent) == 20)
    assert publisher.sent == messages


async def test_stops_at_once_while_the_broker_is_away(pool: Pool) -> None:
    """A stop does not wait for a broker."""
    publisher = FakePublisher()
    publisher.available = False
    await _store(pool, [outgoing(1, 1)])
    async with _running(_relay(pool, publisher)) as relay:
        await asyncio.wait_for(relay.leading.wait(), 10)
        relay.request_stop()
        async with asyncio.timeout(3):
            await eventually(lambda: not relay.leading.is_set())
    assert await _rows(pool) == 1


def stream_like(sent: list[Outgoing]) -> list[Outgoing]:
    """`sent` as it would be with each key's messages in the order of their numbers."""
    return sorted(sent, key=lambda message: int(message.value.split(b"/")[-1].split(b'"')[0]))


async def _store_and_fail(pool: Pool) -> None:
    async with pool.connection() as conn, conn.transaction():
        await append(conn, SCHEMA, [outgoing(1, 0)])
        await conn.execute("insert into facts.things values ('a'), ('a')")


async def _is_empty(pool: Pool) -> bool:
    return await _rows(pool) == 0


async def _terminate_relays(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'chorus-relay-facts'"
        )
