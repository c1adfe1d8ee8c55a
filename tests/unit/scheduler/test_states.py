"""The moves of an activity's state: those that are made, and no others."""

import pytest

from chorus.vocabulary import State
from chorus_scheduler.domain.states import FINAL, MOVES, TRUTH, ImpossibleMoveError, move


def test_what_was_seen_moves_no_more() -> None:
    """INVARIANT: what has happened has happened, whatever is wished or heard afterwards."""
    for wanted in State:
        with pytest.raises(ImpossibleMoveError):
            move(State.EXECUTED, wanted)


@pytest.mark.parametrize("current", sorted(set(MOVES) - {State.EXECUTED}))
@pytest.mark.parametrize("heard", sorted(TRUTH))
def test_the_truth_wins_over_the_wish(current: State, heard: State) -> None:
    """INVARIANT: what is heard of a call that was out is believed in every state but the end."""
    assert move(current, heard) is heard


@pytest.mark.parametrize("current", sorted(FINAL))
def test_nothing_that_has_ended_is_handed_over(current: State) -> None:
    """INVARIANT: it goes back to the plan first, where a person puts it."""
    with pytest.raises(ImpossibleMoveError):
        move(current, State.DISPATCHED)


def test_nothing_goes_out_before_its_yes() -> None:
    """INVARIANT: what waits for a yes is scheduled by it, and handed over from there."""
    with pytest.raises(ImpossibleMoveError):
        move(State.AWAITING_APPROVAL, State.DISPATCHED)


@pytest.mark.parametrize("other", [state for state in State if state is not State.PLANNED])
def test_nothing_is_ever_planned(other: State) -> None:
    """A plan is stored as scheduled, or as waiting for a yes."""
    with pytest.raises(ImpossibleMoveError):
        move(other, State.PLANNED)
    with pytest.raises(ImpossibleMoveError):
        move(State.PLANNED, other)
