"""What is hidden in a text about a page."""

import pytest

from chorus_browser_repost.evidence.masking import COVER, masked


@pytest.mark.parametrize(
    "secret",
    [
        "noa.lev+x@mail.example.com",
        "ajax:1234567890123456789",
        "AQEDAxyzAQEDAxyzAQEDAxyzAQEDAxyzAQEDAxyz",
        "+49 (0)170 1234567",
    ],
)
def test_session_and_personal_data(secret: str) -> None:
    """P6."""
    assert masked(f"Noa Lev, {secret}!", ["Noa Lev"]) == f"{COVER}, {COVER}!"


def test_the_rest_stays() -> None:
    """A title is there to be read; a name of one letter would hide everything."""
    assert masked("Mia Berg on LinkedIn: How we ship, 2026.", ["a"]) == (
        "Mia Berg on LinkedIn: How we ship, 2026."
    )
