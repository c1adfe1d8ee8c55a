"""Texts as a network shows them again: spaces and line ends may have changed, nothing else."""

import unicodedata
from collections.abc import Iterable


def normalised(text: str) -> str:
    """For comparison alone: one space for every run of white space, characters composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_one_of(text: str, candidates: Iterable[str]) -> bool:
    wanted = normalised(text)
    return any(normalised(candidate) == wanted for candidate in candidates)
