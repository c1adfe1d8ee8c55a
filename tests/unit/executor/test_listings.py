"""How texts and dates are told apart, and what is remembered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.errors import TransientProviderError
from chorus.execution.port import Traces
from chorus_executor.domain.texts import is_one_of
from chorus_executor.providers.unipile import listings
from chorus_executor.remembered import Remembered
from tests.unit.chorus.samples import NOW


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
