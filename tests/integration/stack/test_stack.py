"""The stack as a whole: everything starts, can be broken on purpose, and leaves nothing behind."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from chorus_lab.stack import DeadProcessError, Stack, StackError, Step
from tests.fixtures.polling import eventually

SERVICES = ("gateway", "scheduler", "executor")


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    """What the stack told while it started."""
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> Iterator[Stack]:
    """One stack for all tests of this module; each leaves it whole."""
    folder = tmp_path_factory.mktemp("stack")
    before = _family()
    stack = Stack(folder, services=SERVICES, fast_postgres=True, progress=steps.append)
    with stack:
        started = _family() - before
        yield stack
    alive = [process for process in started if process.is_running()]
    assert alive == [], "a process was left behind"


def test_everything_is_ready(stack: Stack, steps: list[Step]) -> None:
    """Postgres, Kafka, the sandbox and the services answer, and each start was told of."""
    assert set(stack.urls) == {"sandbox", *SERVICES}
    for name in SERVICES:
        assert httpx.get(f"{stack.urls[name]}/readyz", timeout=5).status_code == 200
    assert httpx.get(f"{stack.urls['sandbox']}/healthz", timeout=5).status_code == 200
    done = {step.name for step in steps if step.seconds is not None}
    assert done >= {"Postgres", "migrations", "Kafka", "topics", "sandbox", *SERVICES}


def test_each_service_has_its_own_role_and_owns_nothing(stack: Stack) -> None:
    """INVARIANT: a service's role may not change the schema, nor read another schema's tables."""
    with psycopg.connect(stack.role_dsn("chorus_scheduler"), autocommit=True) as conn:
        assert conn.execute("select current_user").fetchone() == ("chorus_scheduler",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("create table scheduler.mine (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select * from gateway.users")


def test_a_killed_service_comes_back_on_its_port(stack: Stack) -> None:
    """A kill on purpose is no error, and a restart serves at the same address."""
    url, pid = stack.urls["executor"], stack.process("executor").pid
    stack.kill("executor")
    assert not stack.process("executor").running
    stack.check()
    stack.restart("executor")
    assert stack.urls["executor"] == url
    assert stack.process("executor").pid != pid
    assert httpx.get(f"{url}/readyz", timeout=5).status_code == 200


def test_a_service_ends_by_itself_on_sigterm(stack: Stack) -> None:
    """It drains and goes within the bound; nobody has to kill it."""
    assert stack.terminate("scheduler", timeout_s=20)
    stack.restart("scheduler")


def test_a_frozen_service_answers_again_when_it_may(stack: Stack) -> None:
    """SIGSTOP and SIGCONT."""
    url = f"{stack.urls['gateway']}/readyz"
    stack.pause("gateway")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, timeout=0.5)
    stack.resume("gateway")
    assert httpx.get(url, timeout=10).status_code == 200


def test_a_death_that_nobody_wanted_is_an_error_with_the_log(stack: Stack) -> None:
    """`check` and `wait_until` raise it, with the last lines of the log."""
    victim = psutil.Process(stack.process("executor").pid)
    victim.kill()
    with pytest.raises(DeadProcessError, match=r"(?s)executor has died.*service\.ready") as raised:
        stack.wait_until(lambda: False, within_s=10, what="never")
    assert "executor.log" in str(raised.value)
    stack.kill("executor")
    stack.restart("executor")
    stack.check()


def test_replicas_can_join_and_leave(stack: Stack) -> None:
    """`executor-2` is a second process of the same service, with a port of its own."""
    stack.start_service("executor-2")
    assert stack.urls["executor-2"] != stack.urls["executor"]
    assert stack.terminate("executor-2", timeout_s=20)


def test_postgres_and_kafka_can_be_killed_and_restarted(stack: Stack) -> None:
    """The servers keep their addresses, and the services find them again."""
    dsn = stack.owner_dsn
    stack.postgres.kill()
    stack.postgres.restart()
    stack.kafka.kill()
    stack.kafka.restart()
    assert stack.owner_dsn == dsn
    stack.check()
    url = f"{stack.urls['gateway']}/readyz"
    eventually(
        lambda: httpx.get(url, timeout=5).status_code == 200, within_s=60, what="the gateway"
    )


def test_one_folder_holds_one_stack(stack: Stack) -> None:
    """A second one in the same folder is refused in a sentence, before it starts anything."""
    with pytest.raises(StackError, match="Another stack runs in"):
        Stack(stack.folder.path).start()


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    """It names the port and the process, and nothing was started."""
    before = _family()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port}, wanted for the gateway, is taken"):
            Stack(tmp_path, wanted_ports={"gateway": port}).start()
    assert _family() <= before


def test_unknown_names_are_refused(stack: Stack) -> None:
    """With what there is."""
    with pytest.raises(StackError, match="no process nobody"):
        stack.process("nobody")
    with pytest.raises(StackError, match="no service nobody"):
        stack.start_service("nobody")


def _family() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))
