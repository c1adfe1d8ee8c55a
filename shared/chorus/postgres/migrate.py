"""Migrations: numbered SQL files of each package, applied once and in order.

`python -m chorus.postgres.migrate PACKAGE…` with DATABASE_URL.
"""

import argparse
import asyncio
import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import psycopg
import structlog
from psycopg.rows import DictRow, dict_row
from psycopg_pool import PoolTimeout

from chorus.errors import ChorusError, MigrationError
from chorus.postgres.pool import Connection, Pool
from chorus.postgres.queries import load
from chorus.postgres.transient import is_transient
from chorus.retry import Pauses
from chorus.settings import PostgresSettings
from chorus.settings import load as load_settings
from chorus.telemetry import logs
from chorus.telemetry.logs import describe

_log = structlog.get_logger(__name__)

_FILE = re.compile(r"(?P<number>\d{4})_(?P<words>[a-z0-9_]+)\.sql\Z")
_QUERIES = load("chorus.postgres", "migrate.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `name` is `package/NNNN_words.sql`."""

    package: str
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A package whose `migrations` folder holds files `NNNN_words.sql`."""

    package: str

    def migrations(self) -> list[Migration]:
        """Its files in order. MigrationError when a name or the numbering is wrong."""
        folder = resources.files(self.package).joinpath("migrations")
        if not folder.is_dir():
            raise MigrationError(f"{self.package} has no folder of migrations")
        found = [
            self._migration(file.name, file.read_text(encoding="utf-8"))
            for file in folder.iterdir()
            if file.name.endswith(".sql")
        ]
        found.sort(key=lambda migration: migration.number)
        for expected, migration in enumerate(found, start=1):
            if migration.number != expected:
                raise MigrationError(f"{migration.name}: number {expected:04} was expected here")
        return found

    def _migration(self, file: str, sql: str) -> Migration:
        match = _FILE.match(file)
        if match is None:
            raise MigrationError(f"{self.package}/{file}: the name is not like 0001_words.sql")
        return Migration(self.package, int(match["number"]), f"{self.package}/{file}", sql)


async def migrate(dsn: str, packages: Sequence[str]) -> list[str]:
    """Apply what is missing and return its names; `chorus` always comes first.

    Safe to run twice, and by several processes at once: one advisory lock holds the others back.
    Each file is one transaction. Raises MigrationError when a file fails, or has changed since it
    was applied. Waits for the lock without a bound, as long as the process that holds it works.
    """
    files = _files(packages)
    applied: list[str] = []
    async with await psycopg.AsyncConnection[DictRow].connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=10,
        application_name="chorus-migrate",
    ) as conn:
        await conn.execute(_QUERIES.lock)
        await conn.execute(_QUERIES.as_roles_made_here)
        # Closing the connection gives the lock back.
        await _bootstrap(conn)
        done = await _applied(conn)
        for migration in files:
            if not _is_applied(migration, done):
                await _apply(conn, migration)
                applied.append(migration.name)
    return applied


async def require(pool: Pool, packages: Sequence[str]) -> None:
    """Return once the database has all migrations of the program's files; a newer one is fine.

    What is missing is waited for, without a bound: another process applies it, before this one or
    beside it. MigrationError at once where a file was changed after it had been applied.
    """
    files = _files(packages)
    pauses = Pauses()
    while (missing := await _missing(pool, files)) is not None:
        pause = pauses.next()
        _log.warning("postgres.schema_awaited", error=missing, again_in=pause)
        await asyncio.sleep(pause)


async def _missing(pool: Pool, files: Sequence[Migration]) -> str | None:
    """What is not as it must be yet, in a sentence."""
    try:
        async with pool.connection() as conn:
            done = await _applied(conn)
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.InsufficientPrivilege,  # made, but not yet given to the services
    ):
        return "The database has never been migrated."
    except (psycopg.Error, PoolTimeout) as error:
        if not is_transient(error):
            raise
        return describe(error)
    missing = [migration.name for migration in files if not _is_applied(migration, done)]
    return f"The database is older than this program: {', '.join(missing)}." if missing else None


def _files(packages: Sequence[str]) -> list[Migration]:
    ordered = dict.fromkeys(["chorus", *packages])
    return [migration for package in ordered for migration in Source(package).migrations()]


async def _bootstrap(conn: Connection) -> None:
    async with conn.transaction():
        await conn.execute(_QUERIES.create_schema)
        await conn.execute(_QUERIES.create_table)


async def _applied(conn: Connection) -> dict[tuple[str, int], str]:
    rows = await (await conn.execute(_QUERIES.applied)).fetchall()
    return {(row["package"], row["number"]): row["sha256"] for row in rows}


def _is_applied(migration: Migration, done: dict[tuple[str, int], str]) -> bool:
    known = done.get((migration.package, migration.number))
    if known is not None and known != migration.sha256:
        raise MigrationError(f"{migration.name} was changed after it had been applied.")
    return known is not None


async def _apply(conn: Connection, migration: Migration) -> None:
    try:
        async with conn.transaction():
            await conn.execute(migration.sql)
            await conn.execute(
                _QUERIES.record,
                (migration.package, migration.number, migration.name, migration.sha256),
            )
    except psycopg.Error as error:
        raise MigrationError(f"{migration.name} failed: {error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Apply the migrations of the packages named on the command line."""
    parser = argparse.ArgumentParser(prog="chorus.postgres.migrate", description=__doc__)
    parser.add_argument("packages", nargs="+", metavar="PACKAGE")
    chosen = parser.parse_args(arguments)
    try:
        dsn = load_settings(PostgresSettings).dsn.get_secret_value()
        applied = asyncio.run(migrate(dsn, chosen.packages))
    except (ChorusError, psycopg.OperationalError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "nothing to apply\n")
    return 0


if __name__ == "__main__":
    logs.to_stderr()
    sys.exit(main())
