"""What may go out as a text, and what may not."""

import pytest

from chorus.hidden import hidden
from chorus.texts import fault, is_blank, tidy, unfilled

UNFILLED = (
    "Hi {name}", "Hi {{first_name}}", "Hi [NAME]", "Hi %NAME%", "{{ first name }}",
    "Dear ${name}", "#{company}", "<name>", "<<First Name>>", "[First Name]", "[your company]",
    "[INSERT NAME HERE]", "*|FNAME|*", "{ name }", "{company.name}", "{name|friend}",
    "{Great|Nice} post", "{0}", "{}", "%s thanks", "%(name)s", "%%name%%", "<%= name %>",
    "__NAME__", "@@name@@", "$first_name", "\uff5bname\uff5d", "{na\u200bme}", "\u3010name\u3011",
    "[firstName]", "<FIRST_NAME>", "%FIRST NAME%", "[recipient's name]", "[Mr/Ms Name]",
    "##NAME##", "[TBD]",
)  # fmt: skip
WHOLE = (
    "[1]", "50% of 100%", "a < b > c", '{"a": 1}', "[link in comments]", "[PDF]", "[sic]", "[x]",
    "{x: 1}", "100% sure, 20% off", "I <3 this", "<b>bold</b>", "$TSLA up 5%", "#hiring",
    "@ada thanks", "f(x) = {1, 2, 3}", "[NEW] Step 1: {\u2026}", "mail me: a@name.com", "50%off%",
    "Use __init__", "A | B | C", "[US]", "#name", "$100",
)  # fmt: skip
INVISIBLE = (
    "", " ", "\n\t", "\u200b", "\u200d\u2060", "\ufeff", "\u00ad", "\u2800", "\u3164",
    "\u115f\u1160", "\ufe0f", "\u034f", "\u0301", "\u202e\u202c", "\u00a0\u2003", "\u180e",
    "\x7f", "\ue000", "\U000e0041", "\uffa0",
)  # fmt: skip


@pytest.mark.parametrize("text", UNFILLED)
def test_what_was_not_filled_in_is_found(text: str) -> None:
    """Finding E16: a placeholder of any of the usual kinds does not go out."""
    assert unfilled(text) is not None
    assert "placeholder" in (fault(f"Well said. {text}") or "")


@pytest.mark.parametrize("text", WHOLE)
def test_what_only_looks_like_a_placeholder_goes_out(text: str) -> None:
    """Finding E16: brackets, signs of percent and tags that say something are left alone."""
    assert unfilled(text) is None
    assert fault(text) is None


@pytest.mark.parametrize("text", INVISIBLE)
def test_what_nobody_can_see_is_no_text(text: str) -> None:
    """Finding E13: empty, white space, zero width, format characters, blank letters."""
    assert is_blank(text)
    assert fault(text)


@pytest.mark.parametrize(
    "text", ["a", "\u200ba", "\U0001f600", "!", "\u4f60\u597d", "\u2764\ufe0f"]
)
def test_what_can_be_seen_is_a_text(text: str) -> None:
    """Finding E13: signs, emoji and any script can be seen."""
    assert not is_blank(text)


HIDDEN = {
    "Pay \u202eada\u202c": "RIGHT-TO-LEFT OVERRIDE (U+202E)",
    "Pay \u2067ada\u2069": "RIGHT-TO-LEFT ISOLATE (U+2067)",
    "we\u200bll": "ZERO WIDTH SPACE (U+200B)",
    "we\u200dll": "ZERO WIDTH JOINER (U+200D)",
    "we\u200cll": "ZERO WIDTH NON-JOINER (U+200C)",
    "\ufeffwell": "ZERO WIDTH NO-BREAK SPACE (U+FEFF)",
    "we\u2060ll": "WORD JOINER (U+2060)",
    "we\xadll": "SOFT HYPHEN (U+00AD)",
    "well\x00": "control character (U+0000)",
    "well\x1b[31m": "control character (U+001B)",
    "well\x9b": "control character (U+009B)",
    "well\U000e0041": "TAG LATIN CAPITAL LETTER A (U+E0041)",
    "\U0001f600\U000e0169\U000e015c": "VARIATION SELECTOR-122 (U+E0169)",
    "\u2764\ufe0f\ufe0f": "VARIATION SELECTOR-16 (U+FE0F)",
    "well\ufe0e": "VARIATION SELECTOR-15 (U+FE0E)",
    "\U0001f469\u200d\u200d\U0001f4bb": "ZERO WIDTH JOINER (U+200D)",
    "\U0001f469\u200dwell": "ZERO WIDTH JOINER (U+200D)",
    "we\u3164ll": "HANGUL FILLER (U+3164)",
    "we\u115f\u1160ll": "HANGUL CHOSEONG FILLER (U+115F)",
    "we\u2800\u2800ll": "BRAILLE PATTERN BLANK (U+2800)",
    "we\u034fll": "COMBINING GRAPHEME JOINER (U+034F)",
    "\U0001f3f4\U000e0068\U000e0069": "TAG LATIN SMALL LETTER H (U+E0068)",
}
SEEN = (
    "\u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f469\U0001f3fd\u200d\U0001f4bb",
    "\U0001f3f3\ufe0f\u200d\U0001f308 \u2764\ufe0f\u200d\U0001f525",
    "1\ufe0f\u20e3 #\ufe0f\u20e3 \u2122\ufe0f",
    "\U0001f575\U0001f3fd\u200d\u2642\ufe0f \u2139\ufe0f \u27a1\ufe0f \u203c\ufe0f \u2194\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f in Scotland",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937",
    "\u0d9a\u0dca\u200d\u0dbb",
    "\u05e9\u05dc\u05d5\u05dd (\u200fPython\u200e) \u061c\u0633\u0644\u0627\u0645",
    "\u845b\U000e0100 \u1820\u180b",
    "\u2801\u2800\u2803",
    "One\n\nTwo\tThree\r\nFour\u00a0five",
    "Fa\u00e7ade, \u0160koda, Stra\u00dfe, e\u0301t\u00e9",
)


@pytest.mark.parametrize(("text", "name"), HIDDEN.items(), ids=HIDDEN.values())
def test_what_hides_in_a_text_is_named(text: str, name: str) -> None:
    """Finding E13: nobody says yes to what they cannot see; the refusal says what it is."""
    assert hidden(text) == name
    assert name in (fault(text) or "")


@pytest.mark.parametrize("text", SEEN)
def test_what_scripts_and_emoji_need_is_no_hiding(text: str) -> None:
    """Finding E13: joiners and selectors where they shape what is seen, marks of direction."""
    assert hidden(text) is None
    assert fault(text) is None


def test_looking_for_what_hides_is_one_pass() -> None:
    """E6: text of joiners and selectors alone is looked through once."""
    assert hidden("\u0645\u200c" * 200_000) is None
    assert hidden("\u2764\ufe0f\u200d" * 200_000 + "\u2764") is None


def test_line_breaks_are_kept_and_never_multiplied() -> None:
    """Finding E13: whatever an editor calls a line break is one, and none is lost."""
    assert tidy("a\r\nb\rc\u2028d\u2029e\n\nf\x85g") == "a\nb\nc\nd\ne\n\nf\ng"
    assert tidy("a\r\n\r\nb") == "a\n\nb"
