"""Nothing outlives the process that started it."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from chorus_lab.local import ports
from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.postgres import PostgresServer
from chorus_lab.local.servers import start_together
from tests.fixtures.polling import eventually

# Started in a thread that ends at once, as in a parallel start: the server must outlive that thread
# and not the process.
_PROGRAM = """
import sys, tempfile, threading
from chorus_lab.local.postgres import PostgresServer
server = PostgresServer(fast=True, max_connections=20)
starting = threading.Thread(target=server.start)
starting.start()
starting.join()
print(server.pid, server.folder, server.version, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_the_process_that_started_it(number: signal.Signals) -> None:
    """INVARIANT: no server and no throwaway data stay behind, however their starter ended."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        pid, folder, version = starter.stdout.readline().split(maxsplit=2)
        assert version.startswith("PostgreSQL 18")
        assert Path(folder).is_dir()
        server = psutil.Process(int(pid))
        starter.send_signal(number)
        starter.wait(10)
    eventually(lambda: not _works(server), within_s=15, what="the server ends")
    eventually(lambda: not Path(folder).exists(), within_s=15, what="its folder goes")


def test_when_one_fails_to_start_the_others_are_stopped() -> None:
    """A start in parallel is all or nothing."""
    good = PostgresServer(fast=True, max_connections=20)
    bad = PostgresServer(fast=True, shared_buffers="nonsense")
    with pytest.raises(LocalServerError):
        start_together(good, bad)
    assert not good.running


def test_a_reserved_port_is_given_once() -> None:
    """Two servers never get the same port, also while one of them is down."""
    reserved = [ports.reserve() for _ in range(50)]
    try:
        assert len({port.number for port in reserved}) == 50
        assert not any(ports.accepts(port.number) for port in reserved)
    finally:
        for port in reserved:
            port.close()


def _works(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
