"""Ids in LinkedIn's forms: numbers that carry their time, URNs, provider ids, slugs."""

import random
import re
import string
from dataclasses import dataclass
from typing import Literal

Form = Literal["activity", "share", "ugcPost"]
FORMS: tuple[Form, ...] = ("activity", "share", "ugcPost")

_RANDOM_BITS = 22
_URN = re.compile(r"urn:li:(activity|share|ugcPost):([0-9]{15,25})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{15,25}", re.ASCII)
_PROVIDER = re.compile(r"A[CD]o[A-Za-z0-9_-]{8,60}", re.ASCII)
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class PostNumbers:
    """The three numbers of one post. They differ, and none can be computed from another."""

    activity: int
    share: int
    ugc: int

    def urn(self, form: Form) -> str:
        number = {"activity": self.activity, "share": self.share, "ugcPost": self.ugc}[form]
        return f"urn:li:{form}:{number}"


def instant_ms(number: int) -> int:
    """Unix milliseconds that an id carries."""
    return number >> _RANDOM_BITS


def is_urn(text: str) -> bool:
    return _URN.fullmatch(text) is not None


def is_bare_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_provider_id(text: str) -> bool:
    """Whether this is a classic provider id (`ACo…`, newer ones `ADo…`), not a slug."""
    return _PROVIDER.fullmatch(text) is not None


def slug_of(text: str, *, words: int = 6) -> str:
    kept = re.findall(r"[a-z0-9]+", text.lower())[:words]
    return "-".join(kept)


class IdSource:
    """Makes ids. The same seed gives the same ids for the same sequence of instants."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids of a sandbox protect nothing
        self._serial = 0

    def number(self, now_ms: int) -> int:
        return now_ms << _RANDOM_BITS | self._random.getrandbits(_RANDOM_BITS)

    def post_numbers(self, now_ms: int) -> PostNumbers:
        drawn: set[int] = set()
        while len(drawn) < len(FORMS):
            drawn.add(self.number(now_ms))
        activity, share, ugc = drawn
        return PostNumbers(activity=activity, share=share, ugc=ugc)

    def provider_id(self) -> str:
        return "ACoAA" + self._letters(34)

    def token(self, length: int = 22) -> str:
        return self._letters(length)

    def url_tail(self) -> str:
        return self._letters(4)

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(_LETTERS, k=count))
