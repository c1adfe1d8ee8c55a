"""How long is looked, and how texts and dates are told apart."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.errors import TransientProviderError
from chorus.vocabulary import Kind, Mode
from chorus_executor.domain.looks import LookPlan, may_have_called
from chorus_executor.domain.texts import is_one_of
from chorus_executor.providers.port import Traces
from chorus_executor.providers.unipile import listings
from chorus_executor.remembered import Remembered
from tests.unit.executor.samples import NOW, command

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


@given(st.text(max_size=60), st.lists(st.sampled_from([" ", "\n", "\t", "  "]), max_size=5))
def test_white_space_does_not_hide_a_text(text: str, spaces: list[str]) -> None:
    """E5."""
    assert is_one_of(text + "".join(spaces), ["something else", text])


def test_another_text_is_another_text() -> None:
    """E5."""
    assert not is_one_of("Well said", ["Well said.", ""])


@pytest.mark.parametrize(
    ("date", "older"),
    [
        ((NOW - timedelta(hours=1)).isoformat(), True),
        ((NOW - timedelta(seconds=20)).isoformat(), False),
        ((NOW + timedelta(hours=1)).isoformat(), False),
        ("2h", False),
        (None, False),
    ],
)
def test_only_a_readable_date_makes_an_item_old(date: str | None, older: bool) -> None:
    """INVARIANT: what cannot be dated may be ours, so it is never called absent by its date."""
    assert listings.is_older({"date": date}, NOW) is older


def test_a_new_repost_of_something_unnamed_cannot_be_told() -> None:
    """INVARIANT: cannot tell is an error, never a guess."""
    item = {"is_repost": True, "parsed_datetime": NOW.isoformat()}
    with pytest.raises(TransientProviderError):
        listings.is_repost_of(item, {"1"}, Traces(texts=("",), since=NOW))


def test_only_what_was_used_last_is_remembered() -> None:
    """Memory is bounded."""
    kept: Remembered[int, str] = Remembered(2)
    kept.put(1, "one")
    kept.put(2, "two")
    assert kept.get(1) == "one"
    kept.put(3, "three")
    assert (kept.get(2), kept.get(1), kept.get(3)) == (None, "one", "three")
