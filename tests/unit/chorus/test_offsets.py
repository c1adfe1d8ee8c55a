"""The tracker of offsets, by its properties."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.kafka.consuming.offsets import OffsetTracker

offsets = st.sets(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=200).map(sorted)


@given(begun=offsets, seed=st.integers())
def test_the_position_never_passes_an_open_message(begun: list[int], seed: int) -> None:
    """INVARIANT: what is committed lies before every message that is not done."""
    tracker = OffsetTracker()
    for offset in begun:
        tracker.begin(offset)
    still_open = set(begun)
    order = list(begun)
    random.Random(seed).shuffle(order)
    for offset in order:
        tracker.end(offset)
        still_open.remove(offset)
        position = tracker.position
        if still_open:
            assert position is None or position <= min(still_open)
        # And it is the furthest such position: all before the first open one are done.
        done_run = [done for done in begun if not still_open or done < min(still_open)]
        assert position == (done_run[-1] + 1 if done_run else None)
    assert tracker.held == 0


@given(begun=offsets, seed=st.integers())
def test_the_position_never_goes_back(begun: list[int], seed: int) -> None:
    """Messages that begin later, after others ended, leave the position where it is."""
    tracker = OffsetTracker()
    chance = random.Random(seed)
    running: list[int] = []
    positions: list[int] = []
    for offset in begun:
        tracker.begin(offset)
        running.append(offset)
        while running and chance.random() < 0.5:
            tracker.end(running.pop(chance.randrange(len(running))))
            positions.append(tracker.position or 0)
    assert positions == sorted(positions)


def test_offsets_must_rise() -> None:
    """A message that begins twice would be counted twice."""
    tracker = OffsetTracker()
    tracker.begin(5)
    with pytest.raises(ValueError, match="begins after"):
        tracker.begin(5)


def test_a_position_is_offered_until_it_is_committed() -> None:
    """A commit that failed is tried again, one that succeeded is not."""
    tracker = OffsetTracker()
    assert tracker.uncommitted() is None
    tracker.begin(7)
    tracker.end(7)
    assert tracker.uncommitted() == 8
    assert tracker.uncommitted() == 8
    tracker.committed(8)
    assert tracker.uncommitted() is None
