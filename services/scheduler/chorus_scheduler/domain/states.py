"""The moves that an activity's state may make. Nothing else changes a state."""

from chorus.vocabulary import State

TRUTH = frozenset({State.EXECUTED, State.UNKNOWN})
"""What is heard of a call that was out wins over whatever was wished meanwhile."""

MOVES: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.AWAITING_APPROVAL, State.SCHEDULED, State.CANCELLED}),
    State.AWAITING_APPROVAL: frozenset({State.SCHEDULED, State.CANCELLED, State.SKIPPED}),
    State.SCHEDULED: TRUTH
    | frozenset({State.SCHEDULED, State.DISPATCHED, State.SKIPPED, State.CANCELLED}),
    State.DISPATCHED: TRUTH
    | frozenset({State.FAILED, State.SCHEDULED, State.CANCELLED, State.SKIPPED}),
    # What may exist is looked for until somebody knows; cancelled meanwhile, it ends as cancelled.
    State.UNKNOWN: TRUTH
    | frozenset({State.DISPATCHED, State.FAILED, State.SCHEDULED, State.CANCELLED}),
    State.CANCELLED: TRUTH,
    State.FAILED: TRUTH | frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CANCELLED}),
    State.SKIPPED: TRUTH | frozenset({State.SCHEDULED, State.AWAITING_APPROVAL}),
    State.EXECUTED: frozenset(),
}

FINAL = frozenset({State.EXECUTED, State.FAILED, State.SKIPPED, State.CANCELLED})


def may_move(current: State, wanted: State) -> bool:
    """Whether the move is allowed."""
    return wanted in MOVES[current]
