"""How much of what was done is kept (A5)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Of ended attempts, by age in seconds and by number. An attempt goes by whichever comes first.

    What is younger than `at_least_seconds` stays, however many there are; so does, whatever its
    age or number, what belongs to an activity that is not over or that waits for a person.
    """

    seconds: float
    executed_seconds: float
    executed: int
    """The newest of a team that were executed."""
    others: int
    """The newest of a team of each other outcome."""
    at_least_seconds: float = 3600.0
