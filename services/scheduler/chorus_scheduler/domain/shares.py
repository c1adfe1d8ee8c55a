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
    and gives nothing back: all together hold at most twice the capacity, and whoever holds nothing
    may always take one. Who is close to its bound waits until it may take `least`, or a quarter of
    its share: a round costs the same for one as for many.
    """
    if not wanting:
        return {}
    total = sum(held.values())
    free, spare = max(0, capacity - total), max(0, 2 * capacity - total)
    share = max(1, capacity // len({*held, *wanting}))
    enough = max(1, min(least, share // 4))
    found: dict[Holder, int] = {}
    for each in wanting:
        own = held.get(each, 0)
        room = min(max(share - own, free // len(wanting)), spare // len(wanting))
        if room >= enough:
            found[each] = room
        elif own == 0:
            found[each] = 1
    return found
