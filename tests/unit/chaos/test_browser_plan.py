"""A plan of strikes follows from its seed alone."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.browser.faults import transient_faults
from tests.chaos.browser.plan import Strike, Victim, strikes

SEEDS = st.integers(0, 10**6)


def _fifty(seed: int) -> tuple[Strike, ...]:
    return strikes(seed, count=50, services=("one", "two"))


@given(SEEDS)
def test_a_seed_is_a_plan(seed: int) -> None:
    """A run that failed can be repeated."""
    assert _fifty(seed) == _fifty(seed)
    assert _fifty(seed) != _fifty(seed + 1)


@given(SEEDS)
def test_each_victim_has_its_turn_in_each_place(seed: int) -> None:
    """Fifty: each at least fourteen times, four times of them between the click and its record."""
    plan = _fifty(seed)
    assert len(plan) == 50
    assert min(Counter(each.victim for each in plan).values()) >= 14
    after = Counter(each.victim for each in plan if each.place == "after")
    assert min(after[victim] for victim in Victim) >= 4


def test_more_than_one_repost_in_ten_meets_a_fault() -> None:
    """P11: a repost asks for its page once and writes once at least; each may go wrong."""
    shares: dict[str, float] = defaultdict(float)
    for fault in transient_faults():
        shares[fault.match["route"]] += fault.probability
    assert shares["post_page"] >= 0.05
    assert shares["repost"] >= 0.1
    assert max(shares.values()) < 0.2
