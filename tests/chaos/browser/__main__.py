"""Runs of the browser lane by hand; see README.md for the usual ones."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.browser import browser_processes
from tests.chaos.browser.faults import transient_faults
from tests.chaos.browser.harness import BROWSER_SERVICES, make_stack
from tests.chaos.browser.plan import strikes
from tests.chaos.browser.reporting import announcement, summary
from tests.chaos.browser.run import Report, Run, Size


def one_run(seed: int, asked: argparse.Namespace) -> bool:
    """Whether it was faultless, and left nothing once it was stopped."""
    planned = strikes(seed, count=asked.kills, services=BROWSER_SERVICES)
    say(announcement(seed, planned))
    size = Size(reposts=asked.reposts, window=asked.window, settle_within_s=asked.patience)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="chorus-chaos-"))
    with tempfile.TemporaryDirectory(prefix="cb-") as browsers:
        with make_stack(folder, Path(browsers)) as stack:
            report = Run(stack, Path(browsers), seed=seed, say=say).endure(
                size, planned, transient_faults() if asked.faults else ()
            )
        left = [
            *browser_processes.folders(Path(browsers)),
            *browser_processes.strangers(Path(browsers), ()),
        ]
    say(summary(report))
    say(f"left after the end: {left or 'nothing'}; logs in {folder / 'logs'}")
    return _good(report) and not left


def _good(report: Report) -> bool:
    """Attempts that were killed are used up too: success counts where nobody is killed."""
    enough = bool(report.struck.kills) or report.success >= 0.99
    return report.faultless and enough


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run until the time is over; 1 where one was not faultless, or under 99 % without kills."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.browser")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on for so long")
    parser.add_argument("--seed", type=int, help="of the first run (drawn by default)")
    parser.add_argument("--reposts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50, help="SIGKILLs in a run")
    parser.add_argument("--window", type=float, default=60.0, help="seconds in which all are due")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to come to rest in")
    parser.add_argument("--faults", action="store_true", help="a network that fails by chance")
    parser.add_argument("--folder", type=Path, help="for logs (a temporary one by default)")
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    end, failed = time.monotonic() + 60 * asked.minutes, []
    while True:
        if not one_run(seed, asked):
            failed.append(seed)
        seed += 1
        if time.monotonic() >= end:
            break
    say(f"failed seeds: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
