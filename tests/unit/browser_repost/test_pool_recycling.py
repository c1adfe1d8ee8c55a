"""When a browser is replaced: pure decisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_browser_repost.domain.recycling import (
    Bounds,
    Condition,
    Move,
    Retirement,
    next_move,
    retirement,
)

BOUNDS = Bounds(uses=50, age_seconds=3600, pss_bytes=1000)
FRESH = Condition(uses=0, started_at=0)
WORN = Condition(uses=50, started_at=0)


@pytest.mark.parametrize(
    ("condition", "now", "expected"),
    [
        (Condition(uses=49, started_at=0, pss_bytes=1000), 3599.9, None),
        (Condition(uses=50, started_at=0), 0, Retirement.USES),
        (Condition(uses=0, started_at=10), 3610, Retirement.AGE),
        (Condition(uses=0, started_at=0, pss_bytes=1001), 0, Retirement.MEMORY),
        (Condition(uses=0, started_at=0, pss_bytes=1001), 9999, Retirement.MEMORY),
    ],
)
def test_a_browser_is_due_at_its_bounds(
    condition: Condition, now: float, expected: Retirement | None
) -> None:
    """Uses and age at the bound, memory above it."""
    assert retirement(condition, BOUNDS, now) is expected


@pytest.mark.parametrize(
    ("serving", "leaving", "expected"),
    [
        ((FRESH, FRESH), 0, None),
        ((FRESH,), 0, Move()),
        ((), 1, Move()),
        ((), 3, None),
        ((FRESH,), 2, None),
        ((FRESH, WORN), 0, Move(retire=1, reason=Retirement.USES)),
        ((FRESH, WORN), 1, None),
        ((WORN,), 1, Move()),
    ],
)
def test_the_next_move(serving: tuple[Condition, ...], leaving: int, expected: Move | None) -> None:
    """A missing browser comes first; a successor waits until there is room for it."""
    found = next_move(serving, leaving=leaving, wanted=2, bounds=BOUNDS, now=0)
    assert found == expected


@given(
    serving=st.integers(0, 5),
    leaving=st.integers(0, 5),
    wanted=st.integers(1, 4),
    worn=st.integers(0, 5),
)
def test_a_move_never_makes_more_than_one_too_many(
    serving: int, leaving: int, wanted: int, worn: int
) -> None:
    """INVARIANT: every move starts one browser, and only where at most `wanted` run."""
    conditions = [WORN if index < worn else FRESH for index in range(serving)]
    move = next_move(conditions, leaving=leaving, wanted=wanted, bounds=BOUNDS, now=0)
    if move is not None:
        assert serving + leaving + 1 <= wanted + 1
