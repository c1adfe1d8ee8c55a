"""What may go out as a text, and what may not."""

import pytest

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


def test_line_breaks_are_kept_and_never_multiplied() -> None:
    """Finding E13: whatever an editor calls a line break is one, and none is lost."""
    assert tidy("a\r\nb\rc\u2028d\u2029e\n\nf\x85g") == "a\nb\nc\nd\ne\n\nf\ng"
    assert tidy("a\r\n\r\nb") == "a\n\nb"
