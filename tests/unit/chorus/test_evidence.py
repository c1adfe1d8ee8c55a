"""What is kept of a page's address and title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_execution.journal.evidence import path_of, title_of


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("https://www.linkedin.com/feed/?token=1#x", "/feed/"),
        (
            "https://www.linkedin.com/feed/update/urn:li:activity:7379160923545600000/",
            "/feed/update/urn:li:activity:7379160923545600000/",
        ),
        (
            "/checkpoint/challenge/AgF2Xw0fPq7L3mVZ9bJ1cYtR5nKd8sHuQ?ut=1",
            "/checkpoint/challenge/…",
        ),
        ("about:blank", "/blank"),
        ("", "/"),
        ("http://[broken", "/"),
    ],
)
def test_of_an_address_the_path_alone_is_kept(page: str, path: str) -> None:
    """P6: no query, no fragment, no long segment that may be a token."""
    assert path_of(page) == path


@given(st.text(max_size=700), st.text(max_size=700))
def test_whatever_a_page_says_can_be_stored(page: str, title: str) -> None:
    """One line, within the table's bounds."""
    path = path_of(page)
    assert path.startswith("/")
    assert len(path) <= 500
    assert not set(path) & set("?#\x00\n")
    kept = title_of(title)
    assert len(kept) <= 300
    assert kept == " ".join(kept.split())
    kept.encode()
