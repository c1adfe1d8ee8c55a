"""One clock for every process: the database's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from chorus.errors import DependencyUnavailable
from chorus.postgres.clock import DatabaseClock, Machine, database_clock
from chorus.postgres.pool import Pool, open_pool
from chorus.settings import PostgresSettings
from chorus.telemetry import metrics
from chorus.testing import eventually
from chorus_lab.local.postgres import PostgresServer


class Wrong(Machine):
    """A machine whose clock somebody sets, or that stands still and is quick by nothing."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def wall(self) -> float:
        return super().wall() + self.ahead


class Still(Machine):
    """Its clocks are moved by a test."""

    boot = 1000.0

    def since_boot(self) -> float:
        return self.boot

    def wall(self) -> float:
        return self.boot


@pytest.fixture
async def pool(empty_database: str) -> AsyncIterator[Pool]:
    pool = await open_pool(PostgresSettings(DATABASE_URL=empty_database), name="clock")
    yield pool
    await pool.close()


async def _database(pool: Pool) -> datetime:
    async with pool.connection() as connection:
        row = await (await connection.execute("select clock_timestamp() as now")).fetchone()
    assert row is not None
    found: datetime = row["now"]
    return found


async def test_it_says_what_the_database_says(pool: Pool) -> None:
    """INVARIANT: never ahead of it, so nothing is early."""
    clock = await database_clock(pool)
    before = clock.now()
    between = await _database(pool)
    assert before <= between
    assert between <= clock.now() + timedelta(seconds=1)
    assert clock.now().tzinfo is UTC


async def test_a_machine_whose_clock_is_ahead_goes_by_the_databases(pool: Pool) -> None:
    """INVARIANT: a wrong machine gives nothing back, moves nobody, and is told of once."""
    machine = Wrong()
    clock = DatabaseClock(pool, machine=machine)
    await clock.measure()
    machine.ahead = 660.0
    assert abs(clock.now() - await _database(pool)) < timedelta(seconds=5)
    with capture_logs() as logs:
        await clock.measure()
        await clock.measure()
    assert [entry["event"] for entry in logs] == ["clock.machine_differed"]
    offset = metrics.process.clock_offset._value.get()
    assert 655 < offset < 665
    assert abs(clock.now() - await _database(pool)) < timedelta(seconds=5)


async def test_it_is_measured_at_once_where_the_machines_clock_was_set(pool: Pool) -> None:
    """So it is when a machine wakes up that stood still without knowing it."""
    machine = Wrong()
    clock = DatabaseClock(pool, machine=machine)
    await clock.measure()
    running = asyncio.create_task(clock.run())
    machine.ahead = 5.0
    await eventually(lambda: metrics.process.clock_offset._value.get() > 4)
    await clock.stop()
    await running


async def test_what_was_measured_quickly_is_kept_and_what_cannot_be_is_not(pool: Pool) -> None:
    """A slow answer makes it no worse; a step of the database's clock is followed."""
    machine = Still()
    clock = DatabaseClock(pool, machine=machine)
    with pytest.raises(RuntimeError):
        clock.now()
    clock.learn(5_000.0, asked=999.9, answered=1000.0)
    assert clock.now().timestamp() == pytest.approx(5_000.0)
    clock.learn(4_995.0, asked=990.0, answered=1000.0)
    assert clock.now().timestamp() == pytest.approx(5_000.0)
    clock.learn(4_999.99, asked=999.98, answered=999.99)
    assert clock.now().timestamp() == pytest.approx(5_000.0)
    clock.learn(8_600.0, asked=999.9, answered=1000.0)
    assert clock.now().timestamp() == pytest.approx(8_600.0)
    clock.learn(5_000.0, asked=999.9, answered=1000.0)
    machine.boot += 3
    assert clock.now().timestamp() == pytest.approx(5_003.0)


async def test_without_a_first_measurement_nothing_starts(
    killable_postgres: PostgresServer,
) -> None:
    """It is waited for as for the database (`chorus.process.starting`); the pool is closed."""
    settings = PostgresSettings(DATABASE_URL=killable_postgres.dsn(), pool_timeout=1.0)
    pool = await open_pool(settings, name="clock")
    killable_postgres.kill()
    with pytest.raises(DependencyUnavailable):
        await database_clock(pool)
    assert pool.closed


async def test_a_database_that_is_away_is_waited_for(killable_postgres: PostgresServer) -> None:
    """Meanwhile time goes on."""
    settings = PostgresSettings(DATABASE_URL=killable_postgres.dsn(), pool_timeout=0.5)
    pool = await open_pool(settings, name="clock")
    clock = DatabaseClock(pool, every=0.05)
    await clock.measure()
    killable_postgres.kill()
    with capture_logs() as logs:
        running = asyncio.create_task(clock.run())
        await eventually(lambda: [e for e in logs if e["event"] == "round.put_off"])
        before = clock.now()
        assert clock.now() >= before
        await clock.stop()
        await running
    await pool.close()
