"""How tenants share what a lane may have in hand: nobody's backlog holds another's work."""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Holder = TypeVar("Holder", bound=Hashable)


def rooms(
    held: Mapping[Holder, int], wanting: Collection[Holder], *, capacity: int, least: int
) -> dict[Holder, int]:
    """How many more each that wants some may take; whoever may take none is left out.

    Each may hold an equal share of the capacity, among all that hold or want some; what is free
    besides is divided among those that want it. Who came first may hold more than its share then,
    and gives nothing back, so all together never hold more than twice the capacity. Who is close
    to its bound waits until it may take `least`, or a quarter of its share: a round costs the same
    for one as for many.
    """
    if not wanting:
        return {}
    free = max(0, capacity - sum(held.values()))
    share = max(1, capacity // len({*held, *wanting}))
    enough = max(1, min(least, share // 4))
    found: dict[Holder, int] = {}
    for each in wanting:
        room = max(share - held.get(each, 0), free // len(wanting))
        if room >= enough:
            found[each] = room
    return found
