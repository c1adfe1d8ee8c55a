"""A real service that starts while its database is away, refuses it, or is not migrated yet."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from chorus.kafka.topics import ensure
from chorus.postgres.migrate import migrate
from chorus.settings import PostgresSettings
from chorus.testing import eventually
from chorus_execution.journal import Lease, Worker, open_journal_pool
from chorus_lab.local import ports
from chorus_lab.local.postgres import PostgresServer
from tests.fixtures.backends import Backend
from tests.integration.chorus.harness import settings_for

PACKAGES = ["chorus_notifier"]
EXECUTOR = ["chorus", "chorus_gateway", "chorus_scheduler", "chorus_executor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    """`python -m chorus_notifier`, the smallest of the services."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    ready_file: Path
    log: Path

    async def status(self, path: str) -> int:
        """Of a GET; 0 while nobody listens."""
        try:
            return (await self.http.get(path)).status_code
        except httpx.TransportError:
            return 0

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What it has logged under this name."""
        written = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line for line in map(json.loads, written) if line["event"] == event]

    async def ends(self, within: float) -> int:
        """Its exit code."""
        return await asyncio.wait_for(self.process.wait(), within)


Start = Callable[[str], AbstractAsyncContextManager[Starting]]


@pytest.fixture
async def start(kafka_cluster: Backend, topic_prefix: str, tmp_path: Path) -> Start:
    """Starts the service on a database."""
    await ensure(settings_for(kafka_cluster.address, topic_prefix, partitions=1))

    @asynccontextmanager
    async def started(dsn: str) -> AsyncIterator[Starting]:
        port, log = ports.reserve(), tmp_path / "log"
        environment = {
            "DATABASE_URL": dsn,
            "KAFKA_BOOTSTRAP_SERVERS": kafka_cluster.address,
            "CHORUS_TOPIC_PREFIX": topic_prefix,
            "CHORUS_GROUP_PREFIX": topic_prefix,
            "CHORUS_HEALTH_PORT": str(port.number),
            "CHORUS_READY_FILE": str(tmp_path / "ready.json"),
        }
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "chorus_notifier", env=environment, stdout=file, stderr=file
            )
        url = f"http://{ports.HOST}:{port.number}"
        async with httpx.AsyncClient(base_url=url, timeout=2) as http:
            try:
                ready_file = tmp_path / "ready.json"
                yield Starting(process=process, http=http, ready_file=ready_file, log=log)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                port.close()

    return started


async def test_a_database_that_is_away_is_waited_for(
    start: Start, killable_postgres: PostgresServer
) -> None:
    """INVARIANT: no process ends because Postgres is away: alive, not ready, then at work."""
    dsn = killable_postgres.dsn()
    await migrate(dsn, PACKAGES)
    killable_postgres.kill()
    async with start(dsn) as service:
        await eventually(lambda: len(service.lines("service.start_delayed")) >= 3, 30)
        assert await eventually(lambda: service.status("/livez"), 10) == 200
        assert await service.status("/readyz") == 503
        assert await service.status("/api/anything") == 503
        pauses = [line["again_in"] for line in service.lines("service.start_delayed")]
        assert pauses[:3] == [0.1, 0.2, 0.4]
        assert not service.ready_file.exists()

        await asyncio.to_thread(killable_postgres.restart)

        await eventually(service.ready_file.exists, 30)
        assert await service.status("/readyz") == 200
        service.process.terminate()
        assert await service.ends(20) == 0


async def test_a_worker_waits_for_a_database_that_has_gone_since(
    killable_postgres: PostgresServer,
) -> None:
    """INVARIANT: Postgres may go at any moment of a start, between its parts too (E5)."""
    settings = PostgresSettings(DATABASE_URL=killable_postgres.dsn())
    await migrate(killable_postgres.dsn(), EXECUTOR)
    pool = await open_journal_pool(settings, name="executor")
    worker = Worker(pool, service="executor", instance="executor-1", lease=Lease())
    killable_postgres.kill()
    with capture_logs() as told:
        starting = asyncio.create_task(worker.start())
        await eventually(lambda: [one for one in told if one["event"] == "journal.put_off"], 30)
    await asyncio.to_thread(killable_postgres.restart)
    async with asyncio.timeout(30):
        await starting
    async with pool.connection() as connection:
        entered = await connection.execute("select id from engagement.workers")
        assert [row["id"] for row in await entered.fetchall()] == [worker.id]
    await worker.stop()
    await pool.close()


async def test_a_process_that_waits_ends_at_once_when_told_to(start: Start) -> None:
    """SIGTERM is not kept waiting by a pause, and is no failure."""
    async with start("postgresql://u:geheim@127.0.0.1:1/x") as service:
        # The longest pauses have begun: 0.1 + 0.2 + … + 1.6 s are over.
        await eventually(lambda: len(service.lines("service.start_delayed")) >= 6, 30)
        service.process.terminate()
        assert await service.ends(20) == 0
        assert service.lines("service.start_broken_off")
        assert "geheim" not in service.log.read_text()


@pytest.mark.parametrize(
    ("user", "password", "database", "complaint"),
    [
        ("postgres", "geheim", "postgres", "password authentication failed"),
        ("nobody", "geheim", "postgres", "password authentication failed"),
        ("postgres", None, "nothing", 'database "nothing" does not exist'),
        ("walled_off", "geheim", "postgres", "is not permitted to log in"),
    ],
)
async def test_a_database_that_refuses_us_is_not_waited_for(
    start: Start,
    killable_postgres: PostgresServer,
    user: str,
    password: str | None,
    database: str,
    complaint: str,
) -> None:
    """SQLSTATE classes 28 and 3D: one sentence and exit code 2, for no waiting mends them."""
    async with await psycopg.AsyncConnection.connect(killable_postgres.dsn()) as owner:
        await owner.execute("create role walled_off nologin password 'geheim'")
    dsn = killable_postgres.dsn(database, user=user, password=password)
    async with start(dsn) as service:
        assert await service.ends(20) == 2
        last = service.log.read_text().splitlines()[-1]
        assert last.startswith("Cannot start: Postgres refuses us: ")
        assert complaint in last
        assert "geheim" not in service.log.read_text()


async def test_an_address_that_cannot_be_read_is_not_waited_for(start: Start) -> None:
    """And is not shown: it may hold a password."""
    async with start("postgresql://u:geheim@127.0.0.1:1/x?no_such_option=1") as service:
        assert await service.ends(20) == 2
        assert service.log.read_text() == "Cannot start: DATABASE_URL cannot be read.\n"


async def test_a_schema_that_is_older_is_waited_for(start: Start, empty_database: str) -> None:
    """The migrations may run beside the new processes: none works before they are through."""
    async with start(empty_database) as service:
        await eventually(lambda: service.lines("postgres.schema_awaited"), 30)
        assert await eventually(lambda: service.status("/livez"), 10) == 200
        assert await service.status("/readyz") == 503
        [first, *_] = service.lines("postgres.schema_awaited")
        assert first["error"] == "The database has never been migrated."

        await migrate(empty_database, PACKAGES)

        await eventually(service.ready_file.exists, 30)
        service.process.terminate()
        assert await service.ends(20) == 0
