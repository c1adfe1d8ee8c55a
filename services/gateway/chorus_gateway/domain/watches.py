"""How a watch is shown."""

from typing import Literal

State = Literal["waiting", "looking", "failing", "ended"]


def state_of(*, ended: bool, unheard: bool, failing: bool) -> State:
    """One word for it."""
    if ended:
        return "ended"
    if failing:
        return "failing"
    return "looking" if unheard else "waiting"
