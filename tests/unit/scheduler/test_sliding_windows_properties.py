"""Properties of finding a slot: nothing exceeds a limit, nothing waits longer than it must."""

from hypothesis import given
from hypothesis import strategies as st

from chorus_scheduler.domain.sliding_windows import Limit, first_free, used_in_window

LIMITS = st.builds(Limit, name=st.just("l"), count=st.integers(1, 5), window=st.integers(1, 200))


def breaks(instants: list[int], limit: Limit) -> bool:
    """Whether more than `count` lie in some half-open window."""
    ordered = sorted(instants)
    return any(
        ordered[index + limit.count] - ordered[index] < limit.window
        for index in range(len(ordered) - limit.count)
    )


def booked(wishes: list[int], limit: Limit) -> list[int]:
    taken: list[int] = []
    for wish in wishes:
        taken.append(first_free(wish, sorted(taken), limit))
    return sorted(taken)


@given(st.lists(st.integers(0, 1000), max_size=40), LIMITS)
def test_no_window_ever_holds_more_than_the_limit(wishes: list[int], limit: Limit) -> None:
    """INVARIANT (Q3, A1): whatever is asked for, no sliding window is exceeded."""
    assert not breaks(booked(wishes, limit), limit)


@given(st.lists(st.integers(0, 300), max_size=15), LIMITS, st.integers(0, 300))
def test_the_slot_is_the_earliest_one(wishes: list[int], limit: Limit, desired: int) -> None:
    """No instant between the wish and the slot would have been allowed."""
    taken = booked(wishes, limit)
    slot = first_free(desired, taken, limit)
    assert slot >= desired
    for earlier in range(desired, slot):
        assert breaks([*taken, earlier], limit)


@given(st.lists(st.integers(0, 300), max_size=30), LIMITS, st.integers(0, 300))
def test_used_counts_the_window_that_ends_now(uses: list[int], limit: Limit, at: int) -> None:
    """What a decision says was used is what a person would count."""
    counted = len([use for use in uses if at - limit.window < use <= at])
    assert used_in_window(at, sorted(uses), limit) == counted
