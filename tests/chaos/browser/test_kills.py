"""Browsers, drivers and services die while they repost (E5, P4, K4): a small run for every day."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.browser import browser_processes
from tests.chaos.browser.harness import BROWSER_SERVICES, make_stack
from tests.chaos.browser.plan import Victim, strikes
from tests.chaos.browser.reporting import announcement, summary
from tests.chaos.browser.run import Report, Run, Size
from tests.chaos.disturbing import Say

SEED = 1
KILLS = 6
SIZE = Size(reposts=20, window=8.0, settle_within_s=300.0)


@pytest.fixture
def browsers() -> Iterator[Path]:
    """Where browsers keep their files: a short path, as Chromium makes sockets there."""
    with tempfile.TemporaryDirectory(prefix="cb-") as folder:
        yield Path(folder)


def test_reposts_happen_once_whatever_dies(tmp_path: Path, browsers: Path, say: Say) -> None:
    """INVARIANT: each victim dies, in the middle of its write too: no repost is lost or doubled,
    none is stuck or unexplained, and no process and no folder is left behind. Who is struck three
    times waits for a person.
    """
    planned = strikes(SEED, count=KILLS, services=BROWSER_SERVICES)
    with make_stack(tmp_path, browsers) as stack:
        report = Run(stack, browsers, seed=SEED, say=say).endure(SIZE, planned)

    told = f"{announcement(SEED, planned)}\n{summary(report)}"
    say(told)
    assert report.success >= 0.9, told
    assert set(report.struck.kills) == set(Victim), told
    assert report.struck.at_hold_points, told
    _left_nothing(report, browsers, told)


def _left_nothing(report: Report, browsers: Path, told: str) -> None:
    assert dict(report.verdict.complaints) == {}, told
    assert report.struck.orphans == [], told
    assert report.strangers == [], told
    assert report.defunct == [], told
    assert report.folders_running == len(BROWSER_SERVICES), told
    assert browser_processes.folders(browsers) == [], told
    assert browser_processes.strangers(browsers, ()) == [], told
