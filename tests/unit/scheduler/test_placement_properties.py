"""One placement for every move: hours, limits, order and distances, whatever is moved."""

import itertools
from datetime import time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chorus_scheduler.domain.hours import ActiveHours, Window, is_open, next_open
from chorus_scheduler.domain.instants import DAY, HOUR, MINUTE, SECOND
from chorus_scheduler.domain.limits import Rule
from chorus_scheduler.domain.placement import (
    HORIZON,
    Booked,
    Interruption,
    NoPlace,
    Placement,
    first_allowed,
    pace_rule,
    place,
)
from chorus_scheduler.domain.sliding_windows import Limit, first_free
from tests.unit.scheduler.test_sliding_windows_properties import LIMITS, breaks

NOW = 1_800_000_000 * SECOND
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@st.composite
def some_hours(draw: st.DrawFn) -> ActiveHours | None:
    """Over midnight too, several windows a day, some days alone."""
    if draw(st.booleans()):
        return None
    return ActiveHours(
        zone=ZoneInfo(draw(ZONES)),
        opens=draw(TIMES),
        closes=draw(TIMES),
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        others=tuple(draw(st.lists(st.builds(Window, opens=TIMES, closes=TIMES), max_size=2))),
    )


RULES = st.builds(
    lambda scope, count, window, cooldown: Rule(
        scope=scope,
        limits=(
            Limit(name="per_hour", count=count, window=window * MINUTE),
            Limit(name="cooldown", count=1, window=cooldown * SECOND),
        ),
    ),
    st.sampled_from(["a", "b", "c"]),
    st.integers(1, 4),
    st.integers(1, 90),
    st.integers(1, 300),
)


@given(st.lists(st.integers(0, 1000), max_size=120), LIMITS)
def test_many_uses_are_kept_as_few_are(wishes: list[int], limit: Limit) -> None:
    """Finding D4: what is kept about many uses gives the very slot that looking through all of
    them gives.
    """
    rule = Rule(scope="s", limits=(limit,))
    taken = sorted([500, 510, 520] * 20)
    kept = Booked({"s": list(taken)})
    for wish in wishes:
        slot = first_free(wish, taken, limit)
        assert kept.first_free(wish, "s", limit) == slot
        kept.book([rule], slot)
        taken = sorted([*taken, slot])


@given(
    some_hours(),
    st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule.scope),
    st.lists(st.tuples(st.integers(0, 3 * DAY), st.booleans()), min_size=1, max_size=25),
    st.integers(0, 100),
)
def test_any_sequence_of_moves_keeps_hours_and_limits(
    hours: ActiveHours | None, rules: list[Rule], moves: list[tuple[int, bool]], spread: int
) -> None:
    """INVARIANT (B4, B5; invariant 8): whatever moves, and however often, is placed in the hours,
    breaks no window and is never earlier than wished.
    """
    taken: dict[str, list[int]] = {}
    booked = Booked(taken)
    pace = pace_rule("post", spread=spread * MINUTE, total=4)
    for wish, late in sorted(moves):
        found = place(NOW + wish, rules=rules, hours=hours, taken=booked, pace=pace, late=late)
        if isinstance(found, NoPlace):
            assert found.decision.code in ("beyond_horizon", "hours_never_open")
            continue
        assert NOW + wish <= found.at <= NOW + wish + HORIZON
        assert is_open(hours, found.at)
        if not late and found.moved_by is None:
            assert found.at == NOW + wish
    for rule in rules:
        for limit in rule.limits:
            assert not breaks(taken.get(rule.scope, []), limit)


@given(
    some_hours(),
    st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule.scope),
    st.lists(st.integers(0, 3 * DAY), min_size=1, max_size=25),
)
def test_wishes_in_their_order_keep_it(
    hours: ActiveHours | None, rules: list[Rule], wishes: list[int]
) -> None:
    """Finding B5: under the same rules nobody overtakes."""
    booked = Booked({})
    found = [place(NOW + wish, rules=rules, hours=hours, taken=booked) for wish in sorted(wishes)]
    slots = [each.at for each in found if isinstance(each, Placement)]
    assert slots == sorted(slots)


@given(st.lists(st.integers(0, DAY), min_size=2, max_size=30), st.integers(0, 5 * DAY))
def test_what_is_late_keeps_its_order_and_distances(dues: list[int], length: int) -> None:
    """Finding B5: after an interruption time goes on as if it had stood still."""
    dues.sort()
    stood_still = Interruption(began=dues[0], ended=dues[-1] + length)
    moved = [stood_still.resumed(due) for due in dues]
    assert moved[0] == stood_still.ended
    distances = [later - earlier for earlier, later in itertools.pairwise(dues)]
    assert [b - a for a, b in itertools.pairwise(moved)] == distances


def test_who_waits_for_the_hours_does_not_begin_with_all_the_others() -> None:
    """Finding B5: the opening of a day is no burst."""
    hours = ActiveHours(zone=ZoneInfo("UTC"), opens=time(9), closes=time(18))
    night = next_open(hours, NOW + DAY) // DAY * DAY  # midnight
    pace = pace_rule("post", spread=HOUR, total=20)
    booked = Booked({})
    slots = []
    for number in range(20):
        wish = night + number * MINUTE
        found = place(wish, rules=(), hours=hours, taken=booked, pace=pace)
        assert isinstance(found, Placement)
        slots.append(found.at)
    assert slots[0] == night + 9 * HOUR
    assert all(b - a >= 45 * SECOND for a, b in itertools.pairwise(slots))


def test_late_ones_do_not_act_at_one_instant() -> None:
    """Finding B5: approved late, one after the other, all wished for now."""
    booked = Booked({})
    pace = pace_rule("post", spread=5 * HOUR, total=10)
    slots = []
    for _ in range(5):
        found = place(NOW, rules=(), hours=None, taken=booked, pace=pace, late=True)
        assert isinstance(found, Placement)
        slots.append(found.at)
    assert slots == [NOW + number * 5 * MINUTE for number in range(5)]


def test_what_finds_no_place_in_time_is_not_done_and_says_why() -> None:
    """Finding D4: a horizon, with a reason."""
    limit = Limit(name="per_day", count=1, window=DAY)
    rule = Rule(scope="s", limits=(limit,))
    booked = Booked({"s": [NOW + day * DAY for day in range(40)]})
    found = place(NOW, rules=[rule], hours=None, taken=booked)
    assert isinstance(found, NoPlace)
    assert found.decision.code == "beyond_horizon"
    assert "per_day" in found.decision.sentence
    slot, _ = first_allowed(NOW, [rule], None, {"s": [NOW]})
    assert slot == NOW + DAY


def test_hours_that_never_open_are_told_and_not_searched_for_ever() -> None:
    """Finding D4: no day, or a window that no day has."""
    hours = ActiveHours(zone=ZoneInfo("UTC"), opens=time(9), closes=time(18), days=frozenset())
    found = place(NOW, rules=(), hours=hours, taken=Booked({}))
    assert isinstance(found, NoPlace)
    assert found.decision.code == "hours_never_open"


def test_nothing_is_booked_where_there_is_no_place() -> None:
    """What is not done takes nobody's place."""
    taken: dict[str, list[int]] = {}
    hours = ActiveHours(zone=ZoneInfo("UTC"), opens=time(9), closes=time(18), days=frozenset())
    rule = Rule(scope="s", limits=(Limit(name="l", count=1, window=5),))
    place(NOW, rules=[rule], hours=hours, taken=Booked(taken))
    assert taken == {}
