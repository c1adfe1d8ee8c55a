"""How a text sounds in somebody's voice: pure, and the same for the same activity every time.

The draft is always kept whole where it fits; what is added around it goes first when it does not.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from chorus.documents import VoiceCartridge


class VoiceUnfitError(Exception):
    """No form of this draft is within the cartridge's lengths and free of its forbidden words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flourish:
    """What one activity's text gets around it."""

    opening: str = ""
    closing: str = ""
    emoji: str = ""


def render(draft: str, cartridge: VoiceCartridge, activity_id: UUID) -> str:
    """The draft in this voice. Raises VoiceUnfitError."""
    body = _without_forbidden(_replaced(draft.strip(), cartridge), cartridge)
    for flourish in _flourishes(cartridge, activity_id):
        text = _assembled(_toned(body, cartridge.tone), flourish)
        if fits(text, cartridge):
            return text
    shortened = _shortened(body, cartridge.max_length)
    if fits(shortened, cartridge):
        return shortened
    raise VoiceUnfitError("No form of the draft is within the cartridge's bounds.")


def fits(text: str, cartridge: VoiceCartridge) -> bool:
    """Not empty, within the length, and without a forbidden word."""
    within = cartridge.min_length <= len(text) <= cartridge.max_length
    return bool(text.strip()) and within and not holds_forbidden(text, cartridge)


def holds_forbidden(text: str, cartridge: VoiceCartridge) -> bool:
    pattern = _words(cartridge.forbidden_words)
    return pattern is not None and pattern.search(text) is not None


def _flourishes(cartridge: VoiceCartridge, activity_id: UUID) -> Iterator[Flourish]:
    """From what the dice say to nothing; and, for a text that is too short, all there is."""
    dice = random.Random(activity_id.int)  # noqa: S311 - variety, not secrecy
    opening = _drawn(dice, cartridge.openings, cartridge.opening_frequency)
    closing = _drawn(dice, cartridge.closings, cartridge.closing_frequency)
    emoji = _drawn(dice, cartridge.emoji.favourites, cartridge.emoji.frequency)
    yield Flourish(opening=opening, closing=closing, emoji=emoji)
    yield Flourish(opening=opening, closing=closing)
    yield Flourish(opening=opening)
    yield Flourish(closing=closing)
    yield Flourish()
    for longer in cartridge.closings:
        yield Flourish(closing=longer)
        yield Flourish(opening=opening or _drawn(dice, cartridge.openings, 1.0), closing=longer)


def _drawn(dice: random.Random, choices: tuple[str, ...], frequency: float) -> str:
    """One of the choices, or nothing. The dice are thrown the same number of times either way."""
    wanted, place = dice.random() < frequency, dice.random()
    return choices[int(place * len(choices))].strip() if wanted and choices else ""


def _replaced(text: str, cartridge: VoiceCartridge) -> str:
    """Every word of the vocabulary by what this person says, once, longest first, case kept."""
    pattern = _words(tuple(cartridge.vocabulary))
    if pattern is None:
        return text
    known = {word.casefold(): said for word, said in cartridge.vocabulary.items()}
    return pattern.sub(lambda hit: _cased(hit[0], known.get(hit[0].casefold(), hit[0])), text)


def _cased(like: str, word: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


def _words(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of the words as a whole: no letter, digit or underscore right beside it."""
    kept = sorted({word.strip() for word in words} - {""}, key=len, reverse=True)
    if not kept:
        return None
    choice = "|".join(re.escape(word) for word in kept)
    return re.compile(rf"(?<!\w)(?:{choice})(?!\w)", re.IGNORECASE)


def _without_forbidden(text: str, cartridge: VoiceCartridge) -> str:
    """Leave out the sentences with a forbidden word; where none is left, only the words."""
    pattern = _words(cartridge.forbidden_words)
    if pattern is None or not pattern.search(text):
        return text
    sentences = re.split(r"(?<=[.!?…])\s+", text)
    kept = " ".join(sentence for sentence in sentences if not pattern.search(sentence))
    return kept or " ".join(pattern.sub("", text).split()).strip(" ,;:-")


def _toned(text: str, tone: str) -> str:
    if tone in {"warm", "playful"} and text.endswith(".") and not text.endswith(".."):
        return text[:-1] + "!"
    if tone in {"professional", "direct"}:
        return re.sub(r"!+(?=\s|\Z)", ".", text)
    return text


def _assembled(text: str, flourish: Flourish) -> str:
    if flourish.closing and text and text[-1].isalnum():
        text += "."
    return " ".join(
        part for part in (flourish.opening, text, flourish.closing, flourish.emoji) if part
    )


def _shortened(text: str, limit: int) -> str:
    """At most `limit` characters: whole sentences if one fits, else whole words, else cut."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [match.end() for match in re.finditer(r"[.!?…](?=\s|\Z)", text[: limit + 1])]
    for end in reversed(ends):
        if end <= limit:
            return text[:end]
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head).rstrip(" ,;:-")
