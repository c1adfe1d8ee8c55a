"""The local Postgres: durable, with passwords, gone when it is stopped."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.postgres import PostgresServer
from tests.fixtures.backends import Backend


def test_committed_rows_survive_sigkill(killable_postgres: PostgresServer) -> None:
    """INVARIANT: P4 — what was committed is there after the server was killed and restarted."""
    with psycopg.connect(killable_postgres.dsn()) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    with psycopg.connect(killable_postgres.dsn()) as open_transaction:
        open_transaction.execute("INSERT INTO kept VALUES (0)")
        killable_postgres.kill()
        assert not killable_postgres.running
        open_transaction.close()

    killable_postgres.restart()

    with psycopg.connect(killable_postgres.dsn()) as connection:
        row = connection.execute("SELECT count(*), min(number) FROM kept").fetchone()
    assert row == (1000, 1)


def test_kept_data_is_there_at_the_next_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A given folder is kept, and may be served from another port."""
    folder = _folder_for_others(tmp_path_factory)
    for expected in (0, 1):
        server = PostgresServer(folder, fast=True)
        server.start()
        try:
            with psycopg.connect(server.dsn()) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS starts ()")
                row = connection.execute("SELECT count(*) FROM starts").fetchone()
                connection.execute("INSERT INTO starts DEFAULT VALUES")
        finally:
            server.stop()
        assert row == (expected,)


def test_every_role_needs_its_password(empty_database: str) -> None:
    """A role comes in with its own password and with no other."""
    role = sql.Identifier(f"{empty_database.rpartition('/')[2]}_role")
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'right'").format(role))
        name = str(role.as_string(None)).strip('"')
        try:
            psycopg.connect(empty_database, user=name, password="right").close()
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(empty_database, user=name, password="wrong")
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(role))


def test_hundreds_of_connections_are_allowed(postgres_server: Backend) -> None:
    """All services and their replicas share one server."""
    with psycopg.connect(postgres_server.address) as connection:
        row = connection.execute("SHOW max_connections").fetchone()
    assert row == ("400",)


def test_a_start_that_fails_shows_the_end_of_the_log() -> None:
    """The reason stands in the error, and nothing is left behind."""
    server = PostgresServer(fast=True, shared_buffers="nonsense")
    with pytest.raises(LocalServerError, match=r"ended while it started(.|\n)*shared_buffers"):
        server.start()
    assert not server.running


def _folder_for_others(factory: pytest.TempPathFactory) -> Path:
    # pytest's own folders are closed to the user that Postgres runs as.
    folder = factory.mktemp("kept")
    for parent in (folder, *folder.parents[:-2]):
        parent.chmod(0o755)
    return folder / "postgres"
