"""The simulation itself: a seed is one run. `make simulate SEEDS=…` runs as many as are wanted.

In a process of its own: a run needs a fixed hash seed, and the product's clocks replaced.
"""

import os
import subprocess
import sys

from tests.fixtures.backends import Backend


def test_a_seed_runs_the_same_again(postgres_server: Backend) -> None:
    """A seed that failed once fails again: turns, statements, calls and instants are the same."""
    first, second = (
        _simulate("3", "--steps", "8", "--fingerprint", server=postgres_server.address)
        for _ in range(2)
    )
    assert first.stdout == second.stdout
    assert "seed 3" in first.stdout


def _simulate(seeds: str, *more: str, server: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", seeds, "--server", server, *more],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
