"""Are two texts one, when a network has changed it on the way? A hint, never a proof.

Networks shorten links, put names in place of mentions, set a printer's quotes, dashes and
ellipses, fold white space, cut at "see more". What they leave alone are words and numbers.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

ALIKE = 0.6
"""From here on two texts count as one, where one of several has to be chosen."""

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*")
_MENTION = re.compile(r"(?<![\w/])@[\w.-]+|\{\{\d+\}\}")
_CUT = re.compile(r"(?:…|\.{3})\s*(?:see more|more)?\s*$", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LINK_WORD = "\x00link"
_NAME_WORDS = 4
"""As many words may stand where a mention stood."""
_NO_SPACES = "\u2e80"
"""From here on are the scripts that put no spaces between words: each sign counts."""
_LONGEST = 5_000
_CUT_WORDS = 5
"""A text that was cut must still show so many words to be told by them."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What a network leaves of a text. `mentions`: how many names will come in their place.

    numbers: what holds a digit, hyphens and all, without its punctuation.
    """

    words: tuple[str, ...]
    numbers: Counter[str]
    mentions: int
    cut: bool


def likeness(shown: str, sent: str) -> float:
    """From 0 to 1, where 1 means that nothing differs but what networks change."""
    seen, ours = _read(shown), _read(sent)
    if seen.words == ours.words:
        return 1.0
    if _is_cut_of(seen, ours):
        return 1.0
    both = (Counter(seen.words) & Counter(ours.words)).total()
    names = min(_NAME_WORDS * ours.mentions, len(seen.words) - both)
    size = len(seen.words) + len(ours.words) - names
    if size == 0:
        return 0.0
    alike = min(1.0, 2 * both / size)
    # A network changes no number: where one differs it is another text, however alike.
    missing = ours.numbers - seen.numbers
    return min(alike, ALIKE / 2) if missing and not seen.cut else alike


def best_likeness(shown: str, sent: Iterable[str]) -> float:
    """How alike it is to the most alike of them; 0 where there is none."""
    return max((likeness(shown, text) for text in sent), default=0.0)


def _is_cut_of(seen: _Read, ours: _Read) -> bool:
    count = len(seen.words)
    return seen.cut and count >= _CUT_WORDS and seen.words == ours.words[:count]


def _read(text: str) -> _Read:
    text = text[:_LONGEST].rstrip()
    cut = _CUT.search(text) is not None
    text = _CUT.sub("", text)
    text = _LINK.sub(f" {_LINK_WORD} ", unicodedata.normalize("NFKC", text).casefold())
    text, mentions = _MENTION.subn(" ", text)
    return _Read(
        words=tuple(_words(text)), numbers=Counter(_numbers(text)), mentions=mentions, cut=cut
    )


def _numbers(text: str) -> Iterable[str]:
    for part in text.split():
        if any(map(str.isdigit, part)):
            yield "".join(_WORD.findall(part))


def _words(text: str) -> Iterable[str]:
    """Words, links, and signs that are no punctuation (emoji among them), each for itself."""
    for part in text.split():
        if part == _LINK_WORD:
            yield part
            continue
        for word in _WORD.findall(part):
            yield from word if max(word) >= _NO_SPACES else (word,)
        yield from (sign for sign in part if unicodedata.category(sign) in {"So", "Sm", "Sc"})
