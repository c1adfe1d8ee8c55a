"""How long is looked for an effect."""

from hypothesis import given
from hypothesis import strategies as st

from chorus_execution.domain.verify_schedule import VerifySchedule

PLAN = VerifySchedule(settle=1.5, pauses=(0.5, 1.0))


def test_the_first_look_waits_until_a_call_has_settled() -> None:
    """Invariant 1: a call of a killed process may still land."""
    assert PLAN.waits() == (1.5, 0.5, 1.0)
    assert PLAN.waits(quiet=1.0) == (0.5, 0.5, 1.0)
    assert PLAN.waits(quiet=10.0) == (0.0, 0.5, 1.0)


@given(st.floats(0, 120), st.floats(0, 120))
def test_absent_is_not_said_while_the_call_may_still_take_effect(
    quiet: float, effect_window: float
) -> None:
    """INVARIANT: the last check is `effect_window` after the last sign; pauses grow."""
    waits = PLAN.waits(quiet=quiet, effect_window=effect_window)
    assert quiet + sum(waits) >= effect_window - 1e-6
    assert waits[:3] == PLAN.waits(quiet=quiet)
    assert list(waits[3:-1]) == sorted(waits[3:-1])
    assert len(waits) <= 12
