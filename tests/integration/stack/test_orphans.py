"""Nothing of a stack outlives the process that started it."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.fixtures.polling import eventually

_PROGRAM = """
import sys
from pathlib import Path
import psutil
from chorus_lab.stack import Stack
stack = Stack(Path(sys.argv[1]), services=["scheduler"], fast_postgres=True)
stack.start()
print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_starter(tmp_path: Path, number: signal.Signals) -> None:
    """INVARIANT: however the starter ended, none of its processes stays behind."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        line = next(line for line in starter.stdout if line[0].isdigit() and "[" not in line)
        pids = [int(word) for word in line.split()]
        family = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
        names = {process.name() for process in family}
        assert {"java", "postgres"} <= names
        starter.send_signal(number)
        starter.wait(10)
    eventually(
        lambda: not any(_works(process) for process in family),
        within_s=20,
        what="every process of the stack ends",
    )


def _works(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
