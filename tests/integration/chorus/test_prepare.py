"""What a deployment runs before its services start, on a real Postgres and a real Kafka."""

import asyncio
import os
import secrets
import subprocess
import sys

import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from psycopg.conninfo import make_conninfo

from chorus.errors import ConfigurationError
from chorus.kafka import topics
from chorus.postgres.migrate import migrate
from chorus.postgres.roles import let_in
from chorus_lab.local.postgres import PostgresServer
from tests.fixtures.backends import Backend

PACKAGES = ("chorus_gateway", "chorus_scheduler", "chorus_executor", "chorus_notifier")
ROLES = ("gateway", "scheduler", "executor", "browser_repost", "notifier")


@pytest.fixture
def passwords() -> dict[str, str]:
    """For every role."""
    return {role: secrets.token_hex(16) for role in ROLES}


async def test_one_command_prepares_both_servers(
    empty_database: str, kafka_cluster: Backend, topic_prefix: str, passwords: dict[str, str]
) -> None:
    """K2: schemas, passwords and topics; a second run changes nothing."""
    environment = _environment(empty_database, kafka_cluster.address, topic_prefix, passwords)
    first = await asyncio.to_thread(_run, environment)
    again = await asyncio.to_thread(_run, environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert "applied chorus_notifier/0001_notifications.sql\n" in first.stdout
    assert (again.returncode, again.stdout) == (0, "nothing to apply\n")
    assert await _topics(kafka_cluster.address, topic_prefix) == {spec.name for spec in topics.ALL}
    assert _users_let_in(empty_database, passwords) == {f"chorus_{role}" for role in ROLES}


async def test_several_at_once_are_as_one(
    empty_database: str, kafka_cluster: Backend, topic_prefix: str, passwords: dict[str, str]
) -> None:
    """K2: two Jobs of one upgrade harm nobody."""
    environment = _environment(empty_database, kafka_cluster.address, topic_prefix, passwords)
    done = await asyncio.gather(*[asyncio.to_thread(_run, environment) for _ in range(2)])
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 2
    told = [line for each in done for line in each.stdout.splitlines()]
    told = [line for line in told if line != "nothing to apply"]
    assert len(told) == len(set(told)), "each was done by one of them"
    made = {f"created {topic_prefix}{spec.name}" for spec in topics.ALL}
    assert {line for line in told if line.startswith("created ")} == made
    assert "applied chorus_notifier/0001_notifications.sql" in told


async def test_a_password_is_changed_and_never_logged(
    migrated_database: str, passwords: dict[str, str]
) -> None:
    """K2, P6: a new one holds at once; only what verifies it is sent to the server."""
    await let_in(migrated_database, {"chorus_gateway": "the one before, long enough"})
    await let_in(migrated_database, {"chorus_gateway": passwords["gateway"]})
    with psycopg.connect(migrated_database) as conn:
        row = conn.execute(
            "select rolpassword from pg_authid where rolname = 'chorus_gateway'"
        ).fetchone()
    assert row is not None
    assert row[0].startswith("SCRAM-SHA-256$")
    assert passwords["gateway"] not in row[0]


async def test_an_owner_that_is_no_superuser_suffices(killable_postgres: PostgresServer) -> None:
    """K2: managed databases give no superuser; `createrole` and an own database are enough.

    In a cluster of its own, because roles that somebody else made are not this owner's to give.
    """
    with psycopg.connect(killable_postgres.dsn(), autocommit=True) as conn:
        conn.execute("create role installer login createrole password 'of a test'")
        conn.execute("create database installed owner installer")
    owner = killable_postgres.dsn("installed", user="installer", password="of a test")
    applied = await migrate(owner, PACKAGES)
    await let_in(owner, {"chorus_gateway": secrets.token_hex(16)})
    assert applied[0] == "chorus/0001_roles.sql"
    with pytest.raises(ConfigurationError, match="permission denied"):
        await let_in(owner, {"postgres": "not for this owner to set"})


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"DATABASE_URL": "no address"}, 2, "DATABASE_URL cannot be read"),
        ({"CHORUS_GATEWAY_PASSWORD": "short"}, 2, "CHORUS_GATEWAY_PASSWORD is wrong"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, 1, "does not answer"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, 1, "topics could not be made"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    migrated_database: str, changed: dict[str, str], code: int, says: str
) -> None:
    """K2: and the code tells whether to run it again."""
    environment = _environment(migrated_database, "127.0.0.1:1", "", {}) | changed
    done = _run(environment | {"CHORUS_REQUEST_TIMEOUT_MS": "1000"})
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def _environment(dsn: str, servers: str, prefix: str, passwords: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": dsn,
        "KAFKA_BOOTSTRAP_SERVERS": servers,
        "CHORUS_TOPIC_PREFIX": prefix,
        "CHORUS_TOPIC_PARTITIONS": "1",
        **{f"CHORUS_{role.upper()}_PASSWORD": value for role, value in passwords.items()},
    }


def _run(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "chorus.prepare", *PACKAGES],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def _topics(servers: str, prefix: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        names = await admin.list_topics()
    finally:
        await admin.close()
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _users_let_in(dsn: str, passwords: dict[str, str]) -> set[str]:
    users: set[str] = set()
    for role, password in passwords.items():
        user = f"chorus_{role}"
        with psycopg.connect(make_conninfo(dsn, user=user, password=password)) as conn:
            row = conn.execute("select current_user").fetchone()
            users.update(row or ())
    return users
