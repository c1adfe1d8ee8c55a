"""A text as a network shows it again: what readers see alike is not the same string any more."""

import hashlib
import re
from collections.abc import Callable

LONGEST_LINK = 26
"""LinkedIn shortens links that have more characters."""

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"\u201c\u201d]+")
_AT_THE_END = ".,;:!?)]}'\u2019"
_MENTION = re.compile(r"(?<![\w/])@([\w-]+)")
_PLACE = re.compile(r"\{\{(\d+)\}\}")
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_OPENS = re.compile(r"(^|[\s(\[{\u2013\u2014-])([\"'])")
_LEFT = {'"': "\u201c", "'": "\u2018"}
_RIGHT = {'"': "\u201d", "'": "\u2019"}

NameOf = Callable[[str], str | None]


def as_shown(text: str, *, name_of: NameOf, mentioned: tuple[str, ...] = ()) -> str:
    """Short links, mentions as names, printer's quotes and ellipses, white space folded.

    `name_of` knows people by their slug (`@ada-byron-0001`); `{{0}}` is the first of `mentioned`.
    """
    text = _PLACE.sub(lambda found: _placed(found, mentioned), text)
    text = _MENTION.sub(lambda found: name_of(found[1]) or found[0], text)
    text = _outside_links(text)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _placed(found: re.Match[str], mentioned: tuple[str, ...]) -> str:
    number = int(found[1])
    return mentioned[number] if number < len(mentioned) else found[0]


def _outside_links(text: str) -> str:
    """The marks of a printer everywhere but within links, which are shortened."""
    shown, done = "", 0
    for found in _LINK.finditer(text):
        link = found[0].rstrip(_AT_THE_END)
        shown += _printed(text[done : found.start()]) + short_link(link)
        done = found.start() + len(link)
    return shown + _printed(text[done:])


def short_link(link: str) -> str:
    if len(link) <= LONGEST_LINK:
        return link
    digest = hashlib.sha256(link.encode()).hexdigest()
    return f"https://lnkd.in/{digest[:8]}"


def _printed(text: str) -> str:
    text = _OPENS.sub(lambda found: found[1] + _LEFT[found[2]], text)
    for plain, right in _RIGHT.items():
        text = text.replace(plain, right)
    return text.replace("...", "…")
