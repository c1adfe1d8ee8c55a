"""When two texts are one, and which of several things is ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_executor.domain.recognition import Candidate, Verdict, chosen, keys
from chorus_executor.domain.texts import ALIKE, likeness
from chorus_sandbox.world.rewriting import as_shown

LONG = "https://www.example.com/articles/2026/11/one?utm_source=pod"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f"Read {LONG}.", "Read lnkd.in/dAbC123."),
        (f"Read {LONG}", "Read https://lnkd.in/dAbC123"),
        ("Thanks {{0}}!", "Thanks Ada Byron!"),
        ("Well done @xx99, really", "Well done Agnes Maria Stone, really"),
        ('Wait... "what"?', "Wait\u2026 \u201cwhat\u201d?"),
        ("a -- b - c", "a \u2014 b \u2013 c"),
        ("One\n\n\ntwo ", "One two"),
        ("ﬁne, ½ done", "fine, 1\u20442 done"),
        ("\u2764\ufe0f this", "\u2764 this"),
        ("Soft\u200bware", "Soft\u200bware"),
        ("One two three four five six seven eight", "One two three four five six\u2026see more"),
        ("", ""),
        (
            "\u65e5\u672c\u8a9e\u306e\u6587\u3067\u3059",
            "\u65e5\u672c\u8a9e \u306e\u6587\u3067\u3059",
        ),
    ],
)
def test_what_networks_change_does_not_make_another_text(sent: str, shown: str) -> None:
    """Finding A3."""
    assert likeness(shown, sent) >= ALIKE


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Well said.", "Well done."),
        ("Week 3 in numbers: what we learned", "Week 4 in numbers: what we learned"),
        ("Congratulations to the whole team", "We are hiring in Berlin"),
        ("Post 0193-aa goes out once.", "Post 0193-bb goes out once."),
        ("Anything", ""),
        ("Great\u2026", "Grand\u2026"),
    ],
)
def test_other_words_and_numbers_make_another_text(sent: str, shown: str) -> None:
    """Finding A3: then it cannot be told whose it is."""
    assert likeness(shown, sent) < ALIKE


PARTS = ["it's", '"so"', "wait...", LONG, "@ada", "{{0}}", "2026", "\u2014", "gut!", "\n"]
SENT = st.lists(st.sampled_from(PARTS), max_size=30).map(lambda parts: " ".join(["So", *parts]))


@given(SENT)
def test_a_text_is_known_again_as_the_network_shows_it(sent: str) -> None:
    """INVARIANT: Finding A3: what the sandbox makes of a text is still that text."""
    shown = as_shown(sent, name_of={"ada": "Ada Byron"}.get, mentioned=("Bob Stone",))
    assert likeness(shown, sent) >= ALIKE


def test_a_text_of_mentions_alone_tells_nothing() -> None:
    """Finding A3: any few words may be the names that came in their place."""
    assert likeness("Ada Byron", "@ada") < ALIKE


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_a_share(shown: str, sent: str) -> None:
    assert 0.0 <= likeness(shown, sent) <= 1.0
    assert likeness(sent, sent) == 1.0


def of(identifier: str, text: str, *, sure: bool = False) -> Candidate:
    return Candidate(id=identifier, url=None, text=text, names=frozenset({identifier}), sure=sure)


def test_the_most_alike_is_chosen_and_claims_are_left_out() -> None:
    """Finding A3."""
    ours, theirs = of("1" * 19, "Well said, Ada."), of("2" * 19, "Something else entirely")
    texts = ["Well said, @ada."]
    assert chosen([theirs, ours], texts, frozenset()) == ours
    assert chosen([theirs, ours], texts, {"urn:li:share:" + "1" * 19}) is Verdict.UNCLEAR
    assert chosen([ours], texts, {"1" * 19}) is Verdict.ABSENT
    assert chosen([], texts, frozenset()) is Verdict.ABSENT


def test_what_is_sure_needs_no_text() -> None:
    """Finding A3: a repost of the post is the repost, whatever it says."""
    first, second = of("1" * 19, "", sure=True), of("2" * 19, "With these words", sure=True)
    assert chosen([first, second], ["With these words!"], frozenset()) == second
    assert chosen([first], ["Other words"], frozenset()) == first


def test_ids_are_one_by_their_number() -> None:
    """Finding A4."""
    number = "7332661864792854528"
    for name in (f"urn:li:activity:{number}", f"https://x/posts/a_b-activity-{number}-aB3d/"):
        assert number in keys([name])
    assert "7000000000000000000" not in keys([f"(activity:7000000000000000000,{number})"])
