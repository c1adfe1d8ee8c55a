"""Slots are shared: whoever holds more waits, and a few never hold them all."""

from contextlib import ExitStack
from ipaddress import IPv6Address
from uuid import UUID

import pytest

from chorus_gateway.api.request_slots import Holder, RequestSlots, SlotBounds, stranger
from chorus_gateway.problems import Problem

BOUNDS = SlotBounds(total=200, of_group=40, of_member=20)


def _takes_all_it_may(held: ExitStack, slots: RequestSlots, *holders: Holder) -> dict[Holder, int]:
    """Each of them asks in turn until none gets a further one."""
    taken = dict.fromkeys(holders, 0)
    asking = set(holders)
    while asking:
        for holder in sorted(asking, key=str):
            try:
                held.enter_context(slots.taking(holder))
            except Problem:
                asking.discard(holder)
            else:
                taken[holder] += 1
    return taken


def _member(team: int, person: int) -> Holder:
    return Holder(group=UUID(int=team), member=f"user:{person}")


@pytest.mark.parametrize(("people", "each"), [(1, 20), (2, 14), (5, 7), (20, 2)])
def test_one_person_leaves_room_in_their_team(people: int, each: int) -> None:
    """INVARIANT (6): however many of a team ask for all they get, one more person gets some."""
    slots = RequestSlots(BOUNDS)
    with ExitStack() as held:
        crowd = [_member(1, person) for person in range(people)]
        taken = _takes_all_it_may(held, slots, *crowd)
        assert max(taken.values()) == each
        with slots.taking(_member(1, 99)):
            pass


@pytest.mark.parametrize(("teams", "each"), [(1, 40), (2, 34), (5, 24), (12, 16)])
def test_a_few_teams_leave_room_for_others(teams: int, each: int) -> None:
    """INVARIANT (6): a team alone has forty; five of them by no means all two hundred."""
    slots = RequestSlots(BOUNDS)
    with ExitStack() as held:
        crowd = [_member(team, person) for team in range(teams) for person in range(6)]
        taken = _takes_all_it_may(held, slots, *crowd)
        of_team = [
            sum(count for holder, count in taken.items() if holder.group == UUID(int=team))
            for team in range(teams)
        ]
        assert max(of_team) <= each
        with slots.taking(_member(99, 1)):
            pass


def test_what_was_held_is_free_again_however_it_ended() -> None:
    """Nothing stays taken after an error, and nothing is remembered of who is gone."""
    slots = RequestSlots(SlotBounds(total=2, of_group=1, of_member=1))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), slots.taking(_member(1, 1)):
            1 // (slots.taken - 1)
    assert slots.taken == 0


def test_a_neighbours_addresses_are_one_stranger() -> None:
    """Whoever has a /64 of IPv6 has as many addresses as they like; it is one network."""
    many = {stranger({"client": (str(IPv6Address("2001:db8::") + n), 1)}).group for n in range(100)}
    assert many == {"2001:db8::/64"}
    assert stranger({"client": ("2001:db8:0:1::1", 1)}).group != "2001:db8::/64"
    assert stranger({"client": ("10.0.0.1", 1)}).group == "10.0.0.1"
    assert stranger({"client": ("::ffff:10.0.0.1", 1)}).group == "10.0.0.1"
    assert stranger({"client": None}) == stranger({})
