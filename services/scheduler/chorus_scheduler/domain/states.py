"""The moves that an activity's state may make. Nothing else changes a state."""

from chorus.vocabulary import State

MOVES: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.AWAITING_APPROVAL, State.SCHEDULED, State.CANCELLED}),
    State.AWAITING_APPROVAL: frozenset({State.SCHEDULED, State.CANCELLED, State.SKIPPED}),
    State.SCHEDULED: frozenset({State.SCHEDULED, State.DISPATCHED, State.SKIPPED, State.CANCELLED}),
    State.DISPATCHED: frozenset(
        {
            State.EXECUTED,
            State.FAILED,
            State.SCHEDULED,
            State.UNKNOWN,
            State.CANCELLED,
            State.SKIPPED,
        }
    ),
    State.UNKNOWN: frozenset(
        {
            State.DISPATCHED,
            State.EXECUTED,
            State.FAILED,
            State.SCHEDULED,
            State.UNKNOWN,
            State.CANCELLED,
        }
    ),
    # A call that was already out when somebody cancelled: the truth wins over the wish.
    State.CANCELLED: frozenset({State.EXECUTED, State.UNKNOWN, State.SCHEDULED}),
    State.FAILED: frozenset({State.SCHEDULED, State.CANCELLED}),
    State.SKIPPED: frozenset({State.SCHEDULED, State.AWAITING_APPROVAL}),
    State.EXECUTED: frozenset(),
}

FINAL = frozenset({State.EXECUTED, State.FAILED, State.SKIPPED, State.CANCELLED})


def may_move(current: State, wanted: State) -> bool:
    """Whether the move is allowed."""
    return wanted in MOVES[current]
