"""How tenants share a lane."""

from hypothesis import given
from hypothesis import strategies as st

from chorus_scheduler.domain.shares import rooms

NAMES = st.sampled_from("abcdef")


@given(
    held=st.dictionaries(NAMES, st.integers(1, 4000)),
    wanting=st.sets(NAMES, min_size=1),
    capacity=st.integers(1, 2000),
    least=st.integers(1, 500),
)
def test_nobody_is_held_by_anothers_backlog(
    held: dict[str, int], wanting: set[str], capacity: int, least: int
) -> None:
    """P10: whoever holds little of its share gets room, whatever the others hold."""
    found = rooms(held, wanting, capacity=capacity, least=least)
    share = max(1, capacity // len({*held, *wanting}))
    overfull = sum(held.values()) > capacity
    for tenant in wanting:
        own = held.get(tenant, 0)
        if own == 0:
            assert found[tenant] >= 1, "nobody waits for what others hold"
        if own <= share // 2 and not overfull:
            assert found[tenant] >= share - own > 0
    assert all(room > 0 for room in found.values())


@given(
    wishes=st.lists(st.dictionaries(NAMES, st.integers(1, 500), min_size=1), max_size=20),
    capacity=st.integers(6, 500),
)
def test_together_they_hold_at_most_twice_the_capacity(
    wishes: list[dict[str, int]], capacity: int
) -> None:
    """E1: whoever comes, in whatever order, and however much each wants; but for one of each."""
    held: dict[str, int] = {}
    for wanted in wishes:
        for tenant, room in rooms(held, wanted, capacity=capacity, least=1).items():
            held[tenant] = held.get(tenant, 0) + min(room, wanted[tenant])
        assert sum(held.values()) <= 2 * capacity + len(held)


def test_who_is_alone_may_have_all() -> None:
    """E1."""
    assert rooms({}, ["a"], capacity=10, least=5) == {"a": 10}
    assert rooms({"a": 10}, ["a"], capacity=10, least=5) == {}
    assert rooms({"a": 10}, ["b"], capacity=10, least=5) == {"b": 5}
    assert rooms({"a": 2}, ["b"], capacity=10, least=5) == {"b": 8}, "what is free besides"
    assert rooms({"a": 9}, ["a"], capacity=10, least=5) == {}, "not topped up one by one"


def test_many_who_come_one_after_the_other_get_no_more() -> None:
    """E1: each would have its share; whoever holds nothing takes one when the bound is reached."""
    held: dict[int, int] = {}
    for tenant in range(40):
        held[tenant] = rooms(held, [tenant], capacity=100, least=1)[tenant]
    assert sum(held.values()) <= 200 + 40
    assert held[39] == 1
