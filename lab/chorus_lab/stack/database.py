"""The stack's database: made, migrated, and opened to the services' roles."""

import asyncio
from collections.abc import Mapping

import psycopg
from psycopg import sql

from chorus.postgres.migrate import migrate
from chorus.postgres.roles import let_in
from chorus_lab.local.postgres import PostgresServer
from chorus_lab.stack.services import MIGRATED_PACKAGES

DATABASE = "chorus"


def prepare(server: PostgresServer, passwords: Mapping[str, str]) -> None:
    """Make what is missing, and give each role its password. Blocks; has its own event loop."""
    _create(server)
    asyncio.run(_open(server.dsn(DATABASE), passwords))


async def _open(dsn: str, passwords: Mapping[str, str]) -> None:
    await migrate(dsn, MIGRATED_PACKAGES)
    await let_in(dsn, passwords)


def _create(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10) as conn:
        found = conn.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
