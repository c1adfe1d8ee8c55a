"""Some seeds of the simulation, as many as fit; `make simulate SEEDS=…` runs more, or one again.

In a process of its own: a run needs a fixed hash seed, and the product's clocks replaced.
"""

import os
import subprocess
import sys

from tests.fixtures.backends import Backend

_SEEDS = "7,9,8,6,12,13,11,10,0,3,1,2,5,4"
_SECONDS = 40


def test_no_seed_breaks_an_invariant(postgres_server: Backend) -> None:
    """INVARIANT: whatever dies, freezes, comes late, twice or never: nothing happens twice, nothing
    is lost, no limit is broken, and a no, a pause or a challenge is in force within two seconds.
    """
    ran = _simulate(_SEEDS, "--seconds", str(_SECONDS), server=postgres_server.address)
    assert ran.returncode == 0, f"a failing seed: `make simulate SEEDS=<n>`\n{ran.stdout}"


def test_a_seed_runs_the_same_again(postgres_server: Backend) -> None:
    """A seed that failed once fails again: turns, statements, calls and instants are the same."""
    first, second = (
        _simulate("9", "--steps", "8", "--fingerprint", server=postgres_server.address)
        for _ in range(2)
    )
    assert first.stdout == second.stdout
    assert "seed 9" in first.stdout


def _simulate(seeds: str, *more: str, server: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", seeds, "--server", server, *more],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
