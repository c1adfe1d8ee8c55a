"""What is made of waits and words that come from outside."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.errors import TransientProviderError
from chorus.retry_after import retry_after
from chorus.vocabulary import ErrorType

NOW = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 30 ", 30.0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1680.0),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", 1680.0),
        ("Wed, 21 Oct 2026 08:28:00 +0100", 1680.0),
        ("Wed, 21 Oct 2026 06:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("90000", 86_400.0),
        ("9" * 305, 86_400.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e309", None),
        ("\u0663", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_every_form_and_bounded(header: str, seconds: float | None) -> None:
    """Findings D2, D9: seconds, fractions and a date are understood, for a day at most (E7)."""
    assert retry_after(header, NOW) == seconds


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z]{0,9},? ?[0-9A-Za-z:+ -]{0,40}")))
def test_no_header_breaks_its_reader(header: str) -> None:
    """INVARIANT: Finding D2: what a header says is a wait of up to a day, or nothing."""
    seconds = retry_after(header, NOW)
    assert seconds is None or 0.0 <= seconds <= 86_400.0


@pytest.mark.parametrize("wait", [float("inf"), 1e308, -5.0, float("nan")])
def test_what_a_provider_says_is_bounded_where_it_enters(wait: float) -> None:
    """Finding D2: in the root of the errors, so that no adapter can forget it."""
    error = TransientProviderError(
        "x" * 100_000, error_type=ErrorType.RATE_LIMIT, code="c" * 1000, retry_after=wait
    )
    assert len(str(error)) <= 500
    assert len(error.code or "") <= 80
    assert error.retry_after is None or 0.0 <= error.retry_after <= 86_400.0
