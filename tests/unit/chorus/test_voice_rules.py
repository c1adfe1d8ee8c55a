"""A cartridge's rules, whatever the draft and the cartridge are."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.documents import EmojiHabit, VoiceCartridge
from chorus.voice.rules import VoiceUnfitError, fits, holds_forbidden, render

WORDS = st.sampled_from(["great", "Bad", "post", "BAD", "idea", "no", "yes!", "well.", "größe"])
DRAFTS = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
PHRASES = st.lists(st.sampled_from(["Well,", "Indeed.", "Bad start", "👏", ""]), max_size=3)


@st.composite
def cartridges(draw: st.DrawFn) -> VoiceCartridge:
    shortest = draw(st.integers(1, 60))
    return VoiceCartridge(
        tone=draw(st.sampled_from(["plain", "warm", "professional", "playful", "direct"])),
        vocabulary=draw(
            st.dictionaries(WORDS, st.sampled_from(["splendid", "awful", ""]), max_size=3)
        ),
        openings=tuple(draw(PHRASES)),
        closings=tuple(draw(PHRASES)),
        opening_frequency=draw(st.floats(0, 1)),
        closing_frequency=draw(st.floats(0, 1)),
        emoji=EmojiHabit(frequency=draw(st.floats(0, 1)), favourites=("🎉",)),
        min_length=shortest,
        max_length=draw(st.integers(shortest, 200)),
        forbidden_words=tuple(draw(st.lists(WORDS, max_size=2))),
    )


@given(DRAFTS, cartridges(), st.uuids())
def test_a_text_is_allowed_or_there_is_none(
    draft: str, cartridge: VoiceCartridge, activity: UUID
) -> None:
    """INVARIANT: no forbidden word, within the lengths, never empty, always the same (E3)."""
    try:
        text = render(draft, cartridge, activity)
    except VoiceUnfitError:
        with pytest.raises(VoiceUnfitError):
            render(draft, cartridge, activity)
        return
    assert text.strip()
    assert cartridge.min_length <= len(text) <= cartridge.max_length
    assert not holds_forbidden(text, cartridge)
    assert fits(text, cartridge)
    assert render(draft, cartridge, activity) == text


def test_an_empty_cartridge_leaves_the_text_as_it_is() -> None:
    """E3."""
    assert render("As it is!", VoiceCartridge(), UUID(int=1)) == "As it is!"


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ("A great read.", "A splendid read."),
        ("Great read, GREAT!", "Splendid read, SPLENDID!"),
        ("The greatest of all.", "The greatest of all."),
        ("Not bad at all.", "Quite good."),
    ],
)
def test_vocabulary_replaces_whole_words_in_their_case(draft: str, text: str) -> None:
    """E3: the longest phrase first, once."""
    words = {"great": "splendid", "bad": "poor", "not bad at all": "quite good"}
    cartridge = VoiceCartridge(vocabulary=words)
    assert render(draft, cartridge, UUID(int=1)) == text


def test_phrases_come_around_the_text() -> None:
    """E3."""
    cartridge = VoiceCartridge(
        openings=("Thanks!",),
        closings=("Keep going.",),
        opening_frequency=1,
        closing_frequency=1,
        emoji=EmojiHabit(frequency=1, favourites=("👏",)),
    )
    assert render("Good one", cartridge, UUID(int=1)) == "Thanks! Good one. Keep going. 👏"


def test_what_does_not_fit_is_dropped_before_the_draft_is_cut() -> None:
    """E3."""
    cartridge = VoiceCartridge(
        closings=("And much more of it.",), closing_frequency=1, max_length=20
    )
    assert render("Short and sweet.", cartridge, UUID(int=1)) == "Short and sweet."
    long = "First sentence. Second sentence that is long."
    assert render(long, cartridge, UUID(int=1)) == "First sentence."


def test_a_sentence_with_a_forbidden_word_is_left_out() -> None:
    """E3."""
    cartridge = VoiceCartridge(forbidden_words=("synergy",))
    assert render("I like it. Pure synergy. Yes.", cartridge, UUID(int=1)) == "I like it. Yes."


@pytest.mark.parametrize(
    ("tone", "text"), [("warm", "Nice!"), ("direct", "Nice."), ("plain", "Nice.")]
)
def test_tone_shows_in_the_marks(tone: str, text: str) -> None:
    """E3."""
    assert render("Nice.", VoiceCartridge(tone=tone), UUID(int=1)) == text
