"""What is shown as an account's status."""

from typing import Final, Literal

AccountStatus = Literal["connected", "needs_login", "restricted", "disconnected"]
"""What is in force: as its owner showed, somebody set by hand, or the provider says, the least."""
HandStatus = Literal["needs_login", "restricted", "disconnected"]
"""What may be said by hand: that it is not to be used. Connected it is by its owner's proof."""
ShownStatus = Literal["connected", "needs_login", "restricted", "disconnected", "challenged"]

CHALLENGE: Final = "challenge"
"""The code of the pause that a challenge makes."""


def shown(stored: AccountStatus, pause_code: str | None) -> ShownStatus:
    """`challenged` while the pause of a challenge is in force; resuming it ends that.

    What is worse than that is shown as it is.
    """
    return "challenged" if stored == "connected" and pause_code == CHALLENGE else stored
