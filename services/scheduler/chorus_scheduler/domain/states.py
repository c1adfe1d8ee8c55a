"""The moves that an activity's state makes, and the one door to another state."""

from collections.abc import Mapping

from chorus.vocabulary import State

TRUTH = frozenset({State.EXECUTED, State.UNKNOWN})
"""What is heard of a call that was out wins over whatever was wished meanwhile."""

MOVES: Mapping[State, frozenset[State]] = {
    # Postponed, it goes on waiting.
    State.AWAITING_APPROVAL: TRUTH
    | frozenset({State.AWAITING_APPROVAL, State.SCHEDULED, State.CANCELLED, State.SKIPPED}),
    # A yes was for the words of then: to somebody else's it is asked for again.
    State.SCHEDULED: TRUTH
    | frozenset(
        {
            State.SCHEDULED,
            State.AWAITING_APPROVAL,
            State.DISPATCHED,
            State.SKIPPED,
            State.CANCELLED,
        }
    ),
    # Cancelled while a look is out, it stays out: what may exist is looked for.
    State.DISPATCHED: TRUTH
    | frozenset(
        {
            State.DISPATCHED,
            State.FAILED,
            State.SCHEDULED,
            State.AWAITING_APPROVAL,
            State.CANCELLED,
            State.SKIPPED,
        }
    ),
    # What may exist is looked for until somebody knows; cancelled meanwhile, it ends as cancelled,
    # and as skipped where there is no place left in which it could be done once more.
    State.UNKNOWN: TRUTH
    | frozenset(
        {
            State.DISPATCHED,
            State.FAILED,
            State.SCHEDULED,
            # It is not there, and its account's person wants to be asked, or to do it by hand.
            State.AWAITING_APPROVAL,
            State.CANCELLED,
            State.SKIPPED,
        }
    ),
    State.CANCELLED: TRUTH,
    State.FAILED: TRUTH | frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CANCELLED}),
    State.SKIPPED: TRUTH | frozenset({State.SCHEDULED, State.AWAITING_APPROVAL}),
    State.EXECUTED: frozenset(),
}
"""A plan begins as scheduled or as waiting for approval; nothing is ever `planned`."""

FINAL = frozenset({State.EXECUTED, State.FAILED, State.SKIPPED, State.CANCELLED})


class ImpossibleMoveError(ValueError):
    """A state is to follow that cannot."""

    def __init__(self, current: State, wanted: State) -> None:
        super().__init__(f"what is {current} does not become {wanted}")


def move(current: State, wanted: State) -> State:
    """The state afterwards. Raises ImpossibleMoveError."""
    if wanted not in MOVES.get(current, frozenset()):
        raise ImpossibleMoveError(current, wanted)
    return wanted
