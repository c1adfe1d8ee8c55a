"""Activities counted by what their state is called in a pod (A3) and in the queue (A4)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

Counts = Mapping[tuple[UUID | None, str], int]
"""How many activities a member has in a state."""

COUNTED_AS: Final = {
    "planned": "pending",
    "awaiting_approval": "pending",
    "suggested": "suggested",
    "done_by_hand": "done_by_hand",
    "scheduled": "scheduled",
    "due": "scheduled",
    "dispatched": "executing",
    "executed": "executed",
    "failed": "failed",
    "unknown": "unknown",
    "skipped": "skipped",
    "cancelled": "cancelled",
}
"""Of a pod."""
QUEUED_AS: Final = {
    "planned": "delayed",
    "awaiting_approval": "delayed",
    "scheduled": "delayed",
    "due": "waiting",
    "dispatched": "active",
    "executed": "completed",
    "failed": "failed",
    "unknown": "failed",
}
"""Of the queue, which holds nothing that people do by hand."""


def by_member(counts: Counts) -> dict[UUID | None, dict[str, int]]:
    """The states of each member."""
    found: dict[UUID | None, dict[str, int]] = {}
    for (member, state), n in counts.items():
        found.setdefault(member, {})[state] = n
    return found


def by_state(counts: Counts) -> dict[str, int]:
    """The states of all of them together."""
    found: dict[str, int] = {}
    for (_, state), n in counts.items():
        found[state] = found.get(state, 0) + n
    return found


def summed(states: Mapping[str, int], counted_as: Mapping[str, str]) -> dict[str, int]:
    """By the name of each; `total` is the sum of what is counted at all."""
    found: dict[str, int] = {}
    for state, n in states.items():
        if state in counted_as:
            for name in (counted_as[state], "total"):
                found[name] = found.get(name, 0) + n
    return found
