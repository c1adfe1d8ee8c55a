"""The demo's command line, its signals and its exit codes."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.markup import escape

from chorus.errors import ChorusError
from chorus_demo.cast import MOST_MEMBERS
from chorus_demo.run import CannotStartError, Options, run
from chorus_demo.screen import Screen

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CANNOT_RUN = 2
INTERRUPTED = 130


class InterruptedByPersonError(BaseException):
    """Ctrl-C, or a signal that asks us to end. Not an Exception: nobody handles it on the way."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: as planned; 1: not as planned; 2: it cannot run here; 130: interrupted."""
    options = _options(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a text stream
    for number in _ENDING:
        signal.signal(number, _interrupt)
    screen = Screen()
    try:
        return run(options, screen)
    except InterruptedByPersonError:
        screen.say("Stopped. No process was left behind.")
        return INTERRUPTED
    except ChorusError as error:
        screen.say(f"\n[red]{escape(str(error))}[/]")
        return CANNOT_RUN if isinstance(error, CannotStartError) else 1


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    # Once: what follows is the clean-up, which must not be cut short.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    os.write(sys.stdout.fileno(), b"\nStopping; this can take some seconds.\n")
    raise InterruptedByPersonError


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m chorus_demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="stay up at the end, until Ctrl-C")
    parser.add_argument(
        "--reposts",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="trigger reposts as well (default)",
    )
    parser.add_argument(
        "--members",
        type=int,
        default=9,
        choices=range(3, MOST_MEMBERS + 1),
        metavar=f"3..{MOST_MEMBERS}",
        help="accounts, the author's among them (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, help="of the gateway (default: a free one)")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="default: %(default)s")
    chosen = parser.parse_args(arguments)
    return Options(
        folder=chosen.folder,
        members=chosen.members,
        reposts=chosen.reposts,
        keep=chosen.keep,
        port=chosen.port,
    )
