"""What must be remembered of an activity, whatever its state."""

from enum import StrEnum


class Effect(StrEnum):
    """Whether an effect of an activity may exist on the network.

    Only an answer, a look or a person's word sets it, and only a look that shows its absence, or
    a person's word, takes `possible` back.
    """

    NONE = "none"
    POSSIBLE = "possible"
    SEEN = "seen"
