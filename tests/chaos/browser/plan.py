"""Who is killed, when, and where in its work. Pure: the same seed gives the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.plan import Place


class Victim(StrEnum):
    """What SIGKILL meets."""

    BROWSER = "browser"
    """Chromium's main process."""
    DRIVER = "driver"
    """Playwright's Node process."""
    SERVICE = "service"
    """The service alone: driver and browser must notice by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One SIGKILL, `pause` seconds after the one before.

    place: the one that is in the middle of its write is met, before or after its effect; without a
    place it is one of the service `whom`. lasts: seconds for which a service stays away, or the
    network holds what was met.
    """

    pause: float
    victim: Victim
    whom: str
    place: Place
    lasts: float

    def __str__(self) -> str:
        where = f"{self.place} its write" if self.place else f"of {self.whom}"
        return f"+{self.pause:.1f} s {self.victim} {where}, {self.lasts:.1f} s"


_PLACES: tuple[Place, ...] = ("after", "after", "before", "", "", "", "")
_VICTIMS = (Victim.BROWSER, Victim.DRIVER, Victim.SERVICE)


def strikes(seed: int, *, count: int, services: Sequence[str]) -> tuple[Strike, ...]:
    """Rounds in which each victim meets each place as often, in an order that is drawn anew."""
    luck = random.Random(seed)
    combined = [(victim, place) for place in _PLACES for victim in _VICTIMS]
    order: list[tuple[Victim, Place]] = []
    while len(order) < count:
        order += luck.sample(combined, len(combined))
    return tuple(
        Strike(
            pause=luck.uniform(0.3, 2.5),
            victim=victim,
            whom=luck.choice(list(services)),
            place=place,
            lasts=luck.uniform(0.0, 1.0),
        )
        for victim, place in order[:count]
    )
