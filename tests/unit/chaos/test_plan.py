"""A plan of disturbances follows from its seed alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.harness import PROCESSES
from tests.chaos.plan import Plan, What, storm

SEEDS = st.integers(0, 10**6)


def _storm(seed: int) -> Plan:
    return storm(seed, processes=PROCESSES)


@given(SEEDS)
def test_a_seed_is_a_plan(seed: int) -> None:
    """A run that failed can be repeated."""
    assert _storm(seed) == _storm(seed)
    assert _storm(seed) != _storm(seed + 1)


@given(SEEDS)
def test_every_process_has_its_turn(seed: int) -> None:
    """Each is struck several times; executors, schedulers and servers in every way there is."""
    plan = _storm(seed)
    struck = Counter(
        each.whom for each in plan.disturbances if each.what in {What.KILL, What.TERMINATE}
    )
    assert set(struck) == set(PROCESSES)
    assert min(struck.values()) >= 3
    assert {each.what for each in plan.disturbances} >= set(What) - {What.TERMINATE}
    assert plan.kills >= 30


@given(SEEDS)
def test_disturbances_are_in_order_and_within_the_run(seed: int) -> None:
    """Each has its time, and ends."""
    plan = _storm(seed)
    times = [each.at for each in plan.disturbances]
    assert times == sorted(times)
    assert times[-1] <= plan.seconds
    assert all(0 <= each.lasts <= 6 for each in plan.disturbances)
