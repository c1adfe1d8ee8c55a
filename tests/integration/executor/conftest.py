"""The harness that executors are tested in."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from chorus_lab.seeding import make_tenant
from chorus_sandbox.server import SandboxServer
from tests.fixtures.backends import Backend
from tests.integration.executor.harness import Harness, as_role


@pytest.fixture(scope="package", autouse=True)
def plain_tracebacks() -> Iterator[None]:
    """One with all its locals takes seconds to print, in which the executor stands still."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[*before[:-1], plain])
    yield
    structlog.configure(processors=before)


@pytest.fixture(scope="package")
def executor_database(postgres_server: Backend, migrated_template: str) -> Iterator[str]:
    """One database for all tests of the executor: each has a tenant of its own in it."""
    server, name = postgres_server.address, f"executor_{uuid.uuid4().hex[:12]}"
    names = (sql.Identifier(name), sql.Identifier(migrated_template))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*names))
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@pytest.fixture
async def harness(executor_database: str) -> AsyncIterator[Harness]:
    """Three accounts that agreed to everything, an empty world, and no executor yet."""
    async with (
        await AsyncConnection.connect(
            executor_database, autocommit=True, row_factory=dict_row
        ) as owner,
        SandboxServer() as server,
        AsyncExitStack() as executors,
    ):
        await owner.execute(
            "truncate engagement.attempts, engagement.workers, engagement.outbox, "
            "engagement.challenges, scheduler.activities, scheduler.pauses"
        )
        yield Harness(
            owner=owner,
            dsn=as_role(executor_database, "chorus_executor"),
            tenant=await make_tenant(owner, members=3, provider_prefix=uuid.uuid4().hex[:8]),
            server=server,
            stack=executors,
        )
