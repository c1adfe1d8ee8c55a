"""What becomes of a text on its way through a network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_sandbox.world.rewriting import as_shown

LONG = "https://www.example.com/articles/2026/11/one?utm_source=x"


def shown(text: str, *mentioned: str) -> str:
    return as_shown(text, name_of={"ada": "Ada Byron"}.get, mentioned=mentioned)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("Well  said.\t Indeed ", "Well said. Indeed"),
        ("One\r\n\n\n\n two", "One\n\ntwo"),
        ('"So" she said', "\u201cSo\u201d she said"),
        ("It's 'so'", "It\u2019s \u2018so\u2019"),
        ("Wait...", "Wait\u2026"),
        ("Thanks @ada, and @nobody", "Thanks Ada Byron, and @nobody"),
        ("Thanks {{0}} and {{1}}", "Thanks Bob and {{1}}"),
        ("https://ab.cd/short-enough", "https://ab.cd/short-enough"),
        ("me@ada.example", "me@ada.example"),
        ("", ""),
    ],
)
def test_marks_spaces_and_mentions_change(sent: str, seen: str) -> None:
    assert shown(sent, "Bob") == seen


def test_a_long_link_is_shortened_and_what_stands_around_it_is_kept() -> None:
    """Links of more than 26 characters; the same link is shortened alike."""
    first, second = shown(f"See {LONG}. It's it"), shown(f"({LONG})")
    assert first.startswith("See https://lnkd.in/")
    assert first.endswith(". It\u2019s it")
    assert second[1:-1] == first.split()[1].rstrip(".")


@given(st.text(max_size=80))
def test_what_was_rewritten_once_stays_as_it_is(text: str) -> None:
    assert shown(shown(text)) == shown(text)
