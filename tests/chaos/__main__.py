"""Runs storms by hand: `python -m tests.chaos --minutes 60`, or `--seed N` for a single one."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.harness import PROCESSES, make_stack
from tests.chaos.plan import storm
from tests.chaos.reporting import announcement, summary
from tests.chaos.storm import Report, Run
from tests.chaos.workload import FULL


def one_storm(seed: int, *, folder: Path, seconds: float, kills: int) -> Report:
    plan = storm(seed, processes=PROCESSES, seconds=seconds, kills=kills)
    say(announcement(plan))
    with make_stack(folder) as stack:
        run = Run(stack, seed=seed, say=say)
        run.plan_work(FULL)
        return run.weather(plan)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run storms until the time is over; 1 where one was not clean."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on for so long")
    parser.add_argument("--seed", type=int, help="of the first run (drawn by default)")
    parser.add_argument("--seconds", type=float, default=95.0, help="of disturbances in a run")
    parser.add_argument(
        "--kills", type=int, default=32, help="SIGKILLs in a run, besides those at hold points"
    )
    parser.add_argument("--folder", type=Path, help="for logs (a temporary one by default)")
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    end, failed = time.monotonic() + 60 * asked.minutes, []
    while True:
        folder = asked.folder or Path(tempfile.mkdtemp(prefix="chorus-chaos-"))
        report = one_storm(seed, folder=folder, seconds=asked.seconds, kills=asked.kills)
        say(summary(report))
        if not (report.first.clean and report.last.clean):
            failed.append(seed)
            say(f"seed {seed} FAILED; logs in {folder / 'logs'}")
        seed += 1
        if time.monotonic() >= end:
            break
    say(f"failed seeds: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
