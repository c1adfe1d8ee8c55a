"""Migrations, the pool, the listener and the errors that pass, on a real Postgres."""

import asyncio
import importlib
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from chorus.errors import DependencyUnavailable, MigrationError
from chorus.postgres.listen import Listener
from chorus.postgres.migrate import main, migrate, require
from chorus.postgres.pool import open_pool
from chorus.postgres.transient import is_transient
from chorus.settings import PostgresSettings
from chorus.testing import eventually

Make = Callable[[dict[str, str]], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes (or changes) an importable package with migrations, and returns its name."""
    name = f"migrated_{uuid.uuid4().hex}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(files: dict[str, str]) -> str:
        folder = tmp_path / name / "migrations"
        folder.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "__init__.py").touch()
        for file, sql in files.items():
            (folder / file).write_text(sql, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    yield make
    sys.modules.pop(name, None)


async def test_applies_each_file_once_and_in_order(empty_database: str, package: Make) -> None:
    """`chorus` comes first; a second run finds nothing to do."""
    name = package(
        {"0002_b.sql": "insert into t values (1)", "0001_a.sql": "create table t (n int)"}
    )
    applied = await migrate(empty_database, [name])
    assert applied[0] == "chorus/0001_roles.sql"
    assert applied[-2:] == [f"{name}/0001_a.sql", f"{name}/0002_b.sql"]
    assert await migrate(empty_database, [name, "chorus"]) == []


async def test_several_at_once_apply_each_file_once(empty_database: str, package: Make) -> None:
    """INVARIANT: processes that start together do not migrate together."""
    name = package({"0001_a.sql": "create table t (n int); select pg_sleep(0.1)"})
    found = await asyncio.gather(*(migrate(empty_database, [name]) for _ in range(4)))
    assert sorted(map(len, found))[:3] == [0, 0, 0]
    assert next(names for names in found if names)[-1] == f"{name}/0001_a.sql"


async def test_a_file_that_was_changed_is_refused(
    empty_database: str, postgres: PostgresSettings, package: Make
) -> None:
    """A database that was made by other SQL than the program's is not what the program needs."""
    name = package({"0001_a.sql": "create table t (n int)"})
    await migrate(empty_database, [name])
    package({"0001_a.sql": "create table t (n bigint)"})
    with pytest.raises(MigrationError, match=r"0001_a\.sql was changed"):
        await migrate(empty_database, [name])
    pool = await open_pool(postgres, name="test")
    with pytest.raises(MigrationError, match="was changed"):
        await require(pool, [name])
    await pool.close()


async def test_a_file_that_fails_leaves_nothing_behind(empty_database: str, package: Make) -> None:
    """Each file is one transaction; those before it stay applied."""
    name = package(
        {
            "0001_a.sql": "create table t (n int)",
            "0002_b.sql": "insert into t values (1); select 1/0",
        }
    )
    with pytest.raises(MigrationError, match=r"0002_b\.sql failed: division by zero"):
        await migrate(empty_database, [name])
    async with await psycopg.AsyncConnection.connect(empty_database) as conn:
        assert await (await conn.execute("select * from t")).fetchall() == []
    package({"0002_b.sql": "insert into t values (2)"})
    assert await migrate(empty_database, [name]) == [f"{name}/0002_b.sql"]


@pytest.mark.parametrize(
    "files", [{"0002_a.sql": ""}, {"1_a.sql": ""}, {"0001_a.sql": "", "0001_b.sql": ""}]
)
async def test_numbers_have_no_gaps_and_no_doubles(
    empty_database: str, package: Make, files: dict[str, str]
) -> None:
    """Two branches that both added a number are found before anything runs."""
    with pytest.raises(MigrationError):
        await migrate(empty_database, [package(files)])


async def test_a_program_waits_for_a_database_that_is_older(
    empty_database: str, postgres: PostgresSettings, package: Make
) -> None:
    """It names what is missing; a newer database is fine (expand, then contract)."""
    pool = await open_pool(postgres, name="test")
    name = package({"0001_a.sql": "create table t (n int)"})
    for file, complaint in (
        ("0001_a.sql", "The database has never been migrated."),
        ("0002_b.sql", f"The database is older than this program: {name}/0002_b.sql."),
    ):
        package({file: "select 1"} if file == "0002_b.sql" else {})
        with capture_logs() as lines:
            waiting = asyncio.create_task(require(pool, [name]))
            await eventually(lambda: lines)
            await migrate(empty_database, [name])
            await asyncio.wait_for(waiting, 10)
        assert lines[0]["error"] == complaint
    await require(pool, [])
    await pool.close()


def test_the_command_says_what_it_did(
    empty_database: str,
    package: Make,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And fails with one sentence where it cannot."""
    monkeypatch.setenv("DATABASE_URL", empty_database)
    name = package({"0001_a.sql": "select 1"})
    assert main([name]) == 0
    assert f"applied {name}/0001_a.sql" in capsys.readouterr().out
    assert main([name]) == 0
    assert "nothing to apply" in capsys.readouterr().out
    package({"0002_b.sql": "nonsense"})
    assert main([name]) == 1
    assert "0002_b.sql failed" in capsys.readouterr().err


async def test_the_pool_sets_what_a_session_needs(postgres: PostgresSettings) -> None:
    """Rows are dictionaries, statements are bounded, extra settings hold for each connection."""
    session = {"chorus.client_id": "a b\\c", "work_mem": "8MB"}
    pool = await open_pool(postgres, name="a-service", session=session)
    query = """
        select current_setting('chorus.client_id') as client, current_setting('work_mem') as mem,
            current_setting('statement_timeout') as bound,
            current_setting('application_name') as name
    """
    async with pool.connection() as conn:
        row = await (await conn.execute(query)).fetchone()
    await pool.close()
    assert row == {"client": "a b\\c", "mem": "8MB", "bound": "15s", "name": "a-service"}


async def test_a_frozen_transaction_loses_its_locks(postgres: PostgresSettings) -> None:
    """INVARIANT: whoever stands still in a transaction does not stop the others for long."""
    quick = postgres.model_copy(update={"statement_timeout_ms": 400})
    frozen, other = await open_pool(quick, name="frozen"), await open_pool(postgres, name="other")
    try:
        async with other.connection() as conn:
            await conn.execute("create table held (n int)")
            await conn.execute("insert into held values (1)")

        async def hold_until_another_has_it() -> None:
            async with frozen.connection() as idle, idle.transaction():
                await idle.execute("select n from held for update")
                async with other.connection() as conn:
                    await conn.execute("select n from held for update")
                await idle.execute("select 1")

        with pytest.raises(psycopg.Error) as raised:
            await hold_until_another_has_it()
        assert is_transient(raised.value)
    finally:
        await frozen.close()
        await other.close()


async def test_a_connection_that_died_is_replaced_when_it_is_taken(
    postgres: PostgresSettings,
) -> None:
    """A restart of the server costs no request."""
    pool = await open_pool(postgres, name="mortal")
    async with pool.connection() as conn:
        pid = conn.info.backend_pid
    async with await psycopg.AsyncConnection.connect(
        postgres.dsn.get_secret_value(), autocommit=True
    ) as other:
        await other.execute("select pg_terminate_backend(%s, 10000)", (pid,))  # and wait for it
    async with pool.connection() as conn:
        assert conn.info.backend_pid != pid
    await pool.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Bounded, and as the error that callers know. The address is not in the message's way."""
    settings = PostgresSettings(
        dsn=SecretStr("postgresql://u:geheim@127.0.0.1:1/x"), pool_timeout=0.3
    )
    with pytest.raises(DependencyUnavailable) as caught:
        await open_pool(settings, name="nobody")
    assert "geheim" not in str(caught.value)


async def test_the_listener_wakes_and_comes_back(postgres: PostgresSettings) -> None:
    """After a lost connection it wakes everybody, because it may have missed something."""
    dsn = postgres.dsn.get_secret_value()
    listener = Listener(dsn, ["first", "second"])
    listening = asyncio.create_task(listener.run())
    await asyncio.wait_for(listener.connected.wait(), 10)
    for channel in ("first", "second"):
        assert await listener.wait(channel, 1)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        await conn.execute("notify first")
        assert await listener.wait("first", 5)
        assert not await listener.wait("second", 0.05)
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'chorus-listener' and datname = current_database()"
        )
    assert await listener.wait("second", 10)
    await listener.stop()
    assert not listener.connected.is_set()
    await listening


async def test_which_errors_pass(empty_database: str) -> None:
    """Real errors of a real server, judged by their SQLSTATE."""
    async with await psycopg.AsyncConnection.connect(empty_database, autocommit=True) as conn:
        assert not is_transient(await _error(conn, "select 1/0"))
        assert not is_transient(await _error(conn, "select * from nowhere"))
        assert is_transient(await _error(conn, "set statement_timeout = 1; select pg_sleep(1)"))
        assert is_transient(await _error(conn, "do $$ begin raise sqlstate '40001'; end $$"))
        assert is_transient(await _error(conn, "do $$ begin raise sqlstate '40P01'; end $$"))
        assert is_transient(await _error(conn, "do $$ begin raise sqlstate '53300'; end $$"))
        killed = await _error(conn, "select pg_terminate_backend(pg_backend_pid())")
        assert is_transient(killed)
        assert is_transient(await _error(conn, "select 1"))
    assert is_transient(DependencyUnavailable("away"))
    assert not is_transient(ValueError("no"))


async def _error(conn: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> BaseException:
    with pytest.raises(psycopg.Error) as caught:
        await conn.execute(query)
    return caught.value


async def test_waits_for_a_condition() -> None:
    """The waiter of the tests itself: it says what it saw last."""
    with pytest.raises(AssertionError, match="last value was 0"):
        await eventually(lambda: 0, 0.01)
    assert await eventually(lambda: asyncio.sleep(0, "found"), 1) == "found"
