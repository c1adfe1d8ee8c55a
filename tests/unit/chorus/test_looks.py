"""How long is looked for an effect, and when that is needed."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.execution.domain.looks import LookPlan, may_have_called
from chorus.vocabulary import Kind, Mode
from tests.unit.chorus.samples import NOW, command

PLAN = LookPlan(settle=1.5, pauses=(0.5, 1.0))


def test_the_first_look_waits_until_a_call_has_settled() -> None:
    """Invariant 1: a call of a killed process may still land."""
    assert PLAN.waits() == (1.5, 0.5, 1.0)
    assert PLAN.waits(quiet=1.0) == (0.5, 0.5, 1.0)
    assert PLAN.waits(quiet=10.0) == (0.0, 0.5, 1.0)


@given(st.floats(0, 120), st.floats(0, 120))
def test_absent_is_not_said_while_the_call_may_still_take_effect(
    quiet: float, patience: float
) -> None:
    """INVARIANT: the last look is `patience` after the last sign, or later; pauses only grow."""
    waits = PLAN.waits(quiet=quiet, patience=patience)
    assert quiet + sum(waits) >= patience - 1e-6
    assert waits[:3] == PLAN.waits(quiet=quiet)
    assert list(waits[3:-1]) == sorted(waits[3:-1])
    assert len(waits) <= 12


LAST_SEEN = NOW - timedelta(seconds=10)
FENCE = timedelta(seconds=2)


@pytest.mark.parametrize(
    ("values", "noted", "may"),
    [
        ({"due_at": LAST_SEEN}, False, True),
        ({"due_at": LAST_SEEN + FENCE}, False, True),
        ({"due_at": LAST_SEEN + FENCE + timedelta(seconds=5)}, False, False),
        ({"due_at": LAST_SEEN, "kind": Kind.COMMENT}, False, False),
        ({"due_at": LAST_SEEN, "kind": Kind.COMMENT}, True, True),
        ({"due_at": LAST_SEEN, "mode": Mode.VERIFY}, False, False),
    ],
)
def test_who_died_early_cannot_have_called(values: dict[str, Any], noted: bool, may: bool) -> None:
    """INVARIANT: no call before its instant, behind a closed fence, or with a text not noted."""
    found = may_have_called(command(**values), noted=noted, last_seen=LAST_SEEN, fence=FENCE)
    assert found is may
