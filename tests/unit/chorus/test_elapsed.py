"""How much time has gone by."""

import pytest

from chorus_execution.journal.elapsed import NEVER, Instant, between, now

START = Instant(monotonic=100.0, boot=500.0, wall=1_700_000_000.0)


@pytest.mark.parametrize(
    ("monotonic", "boot", "wall", "seconds"),
    [
        (3.0, 3.0, 3.0, 3.0),
        (0.5, 60.0, 60.0, 60.0),
        (0.5, 0.5, 60.0, 60.0),
        (3.0, 3.0, -3600.0, 3.0),
    ],
    ids=["awake", "suspended", "a machine that was paused", "the clock was set back"],
)
def test_the_clock_that_says_most_is_believed(
    monotonic: float, boot: float, wall: float, seconds: float
) -> None:
    """Finding A6: a machine that was suspended counts the time that it did not see."""
    end = Instant(START.monotonic + monotonic, START.boot + boot, START.wall + wall)
    assert between(START, end) == pytest.approx(seconds)


def test_never_is_longer_ago_than_any_time() -> None:
    assert between(NEVER, now()) == float("inf")
