"""What every text that a person sends and others may read has to be: something that can be seen,
with its line breaks as they were meant, and with nothing left to be filled in.
"""

import re
import unicodedata
from hashlib import sha256
from typing import Final

from chorus.hidden import hidden

# They count as letters, marks or symbols and show nothing.
_SHOWS_NOTHING: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_BREAK: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Every placeholder begins with one of these. More of them than this are no text but a puzzle.
_SIGN: Final = re.compile("[{\\[<%$#@*|_\u3010\u00ab]")
_MOST_SIGNS: Final = 200
# What is not seen, and the wide forms of signs.
_FORMAT: Final = re.compile(
    "[\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_WIDE: Final = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}

# What stands between these is a placeholder, whatever it says.
_MARKED: Final = re.compile(
    r"""
      \{\{[^{}\n]{0,80}\}\}
    | \{%[^{}\n]{0,80}%\} | <%[^<>\n]{0,80}%>
    | [$\#@]\{[^{}\n]{0,80}\}
    | \*\|[^|\n]{1,80}\|\*
    | \{[ ]?[!:]?[^\W\d][\w.\-]*(?:[ ][\w.\-]+){0,4}[ ]?(?:(?:\||:(?![ ]))[^{}\n]{0,60})?\}
    | \{[^{}\n"']{1,60}\|[^{}\n"']{1,60}\} | \{\d{0,2}\}
    | %\(\w{1,40}\)[sd]? | (?<![\w%])%[sd](?!\w)
    | (?<![\w%])%%?[^\W\d][\w.\-]{0,40}%
    """,
    re.VERBOSE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# These are used for other things as well: the words between them decide.
_MAYBE: Final = re.compile(
    r"""
      \[\[?([^\[\]\n]{1,60})\]\]? | <<?([^<>\n]{1,60})>>? | \u3010([^\u3010\u3011\n]{1,60})\u3011
    | \u00ab([^\u00ab\u00bb\n]{1,60})\u00bb | (?<!\w)__([^\W_][\w ]{0,60}?)__(?!\w)
    | (?<![\w@])@@?([A-Za-z_]{1,40})@@?(?!\w) | (?<![\w$])\$([A-Za-z][A-Za-z_]{1,40})(?!\w)
    | (?<![\w\#])\#\#?([A-Za-z][A-Za-z_]{1,40})\#\#?
    | (?<![\w|])\|([A-Za-z][A-Za-z_ ]{1,40})\|(?!\w) | (?<![\w%])%([A-Za-z][A-Za-z_ ]{1,40})%(?!\w)
    """,
    re.VERBOSE,
)
_NOUNS: Final = _words(
    """
    name names firstname lastname fullname fname lname forename surname nickname username
    company companyname employer organisation organization brand product service title
    jobtitle role position job profession industry sector team department city town
    country region location email mail phone mobile date day month year time weekday link
    url website number amount price percentage event conference topic subject theme
    keyword keywords author member user recipient contact customer client prospect
    colleague person handle pronoun salutation greeting placeholder text skill school
    university hashtag emoji achievement project reason benefit detail
    """
)
_BESIDE: Final = _words(
    """
    first last full middle given family your my our their his her the a an of to for
    insert add enter fill put type write choose replace here in me this post job contact
    sender author company user recipient specific other account profile linkedin mr ms mrs
    dr dear s or and
    """
)
_COMMANDS: Final = _words("insert enter fill replace placeholder todo tbd tk xxx")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W_]+")


def tidy(text: str) -> str:
    """The text with each of its line breaks as one `\\n`: none is lost and none becomes two."""
    return _LINE_BREAK.sub("\n", text)


def digest(text: str | None) -> str:
    """What names a text that was shown: SHA-256 of its UTF-8, in hex. No text is the empty one."""
    return sha256((text or "").encode()).hexdigest()


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: empty, white space, zero width, marks and controls."""
    return not any(
        unicodedata.category(sign)[0] in "LNPS" and sign not in _SHOWS_NOTHING for sign in text
    )


def signs(text: str) -> int:
    """How many signs it holds with which a placeholder may begin: what looking for one costs."""
    return len(_SIGN.findall(text))


def unfilled(text: str) -> str | None:
    """The first placeholder that nobody filled in, such as `{name}` or `[NAME]`; None: none is."""
    seen = text
    if not text.isascii():
        seen = _FORMAT.sub("", text).translate(_WIDE)
    for sign in _SIGN.finditer(seen):
        marked = _MARKED.match(seen, sign.start())
        if marked:
            return marked[0]
        maybe = _MAYBE.match(seen, sign.start())
        if maybe and _asks(maybe):
            return maybe[0]
    return None


def fault(text: str) -> str | None:
    """Why the text cannot go out, as a sentence; None where it can."""
    if is_blank(text):
        return "There is nothing in it that anybody could see."
    if signs(text) > _MOST_SIGNS:
        return "There are more brackets and signs in it than a text has."
    left = unfilled(text)
    if left is not None:
        return f"The placeholder {left[:60]} is not filled in; write what it stands for."
    return unseen(text)


def unseen(text: str) -> str | None:
    """Why the text hides something, as a sentence; None where it does not."""
    found = hidden(text)
    return found and f"There is a {found} in it, which nobody can see; take it out."


def _asks(found: "re.Match[str]") -> bool:
    inside = next(group for group in found.groups() if group is not None)
    words = [word.lower() for word in _WORD.findall(inside)]
    if not words:
        return False
    if _COMMANDS.intersection(words) and len(words) <= 6:
        return True
    known = all(word in _NOUNS or word in _BESIDE or word.isdigit() for word in words)
    return known and any(word in _NOUNS for word in words)
