"""The stack's database: made, migrated, and opened to the services' roles."""

import asyncio
from collections.abc import Mapping

import psycopg
from psycopg import sql

from chorus.postgres.migrate import migrate
from chorus_sandbox.local.postgres import PostgresServer
from chorus_sandbox.stack.services import MIGRATED_PACKAGES

DATABASE = "chorus"


def prepare(server: PostgresServer, passwords: Mapping[str, str]) -> None:
    """Make what is missing, and give each role its password. Blocks; has its own event loop."""
    _create(server)
    asyncio.run(migrate(server.dsn(DATABASE), MIGRATED_PACKAGES))
    _let_in(server, passwords)


def _create(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10) as conn:
        found = conn.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _let_in(server: PostgresServer, passwords: Mapping[str, str]) -> None:
    with psycopg.connect(server.dsn(DATABASE), autocommit=True, connect_timeout=10) as conn:
        for role, password in passwords.items():
            statement = sql.SQL("alter role {} password {}")
            conn.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
