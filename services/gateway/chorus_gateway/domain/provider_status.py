"""What the provider says of an account's sign-in, and which of its words is the last.

Its calls come late, twice, in another order, or never, and carry no time. So a word against the
account stops it at once, and only an answer that was asked for after every such word brings it
back. Nothing here knows of pauses and challenges: those are other people's to end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

Against = Literal["needs_login", "restricted", "disconnected"]

PATIENCE: Final = timedelta(minutes=15)
"""So long an account may be neither well nor ill; then it counts as restricted."""
AGAIN: Final = timedelta(minutes=1)
"""Until the next look where one showed neither, or the provider could not be asked."""
APART: Final = timedelta(seconds=5)
"""Between two looks at one account, however often the provider calls."""
SHORT: Final = timedelta(hours=1)
"""What the provider mended by itself within this time was not lost."""

OTHER_PERSON: Final = "OTHER_PERSON"
"""Our word: the provider shows somebody else of the network under this id."""
STUCK: Final = "CONNECTING"

_WELL: Final = frozenset({"OK", "CREATION_SUCCESS", "RECONNECTED", "SYNC_SUCCESS"})
_AGAINST: Final[Mapping[str, Against]] = {
    "CREDENTIALS": "needs_login",
    "PERMISSIONS": "needs_login",
    "ERROR": "restricted",
    "STOPPED": "restricted",
    "DELETED": "disconnected",
    OTHER_PERSON: "disconnected",
}
_SENTENCES: Final[Mapping[Against, str]] = {
    "needs_login": "The provider has lost the account's sign-in ({word}).",
    "restricted": "The provider does not work for the account ({word}).",
    "disconnected": "The provider does not have the account any more ({word}).",
}
_NOT_A_WORD: Final = re.compile(r"[^A-Z_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored of it. `status` None: nothing is against the account.

    at: since when that is so. confirmed: the provider was asked; otherwise it called.
    unclear_at: since when it is neither well nor ill. well_at: when the last answer that it is well
    was asked for. ill_at: when the last word against it was heard.
    """

    status: Against | None = None
    word: str | None = None
    at: datetime | None = None
    confirmed: bool = False
    unclear_at: datetime | None = None
    well_at: datetime | None = None
    ill_at: datetime | None = None
    returned_at: datetime | None = None
    """When it came back after it had been lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the provider answered: `word` is true of some instant between asking and answer."""

    word: str
    asked_at: datetime
    answered_at: datetime


def word_of(said: str) -> str:
    """A word of the provider's as it may be stored and shown."""
    return _NOT_A_WORD.sub("", said.upper())[:40] or "UNKNOWN"


def is_well(word: str) -> bool:
    """Whether the provider says that the account works."""
    return word in _WELL


def after_call(known: Known, word: str, now: datetime) -> Known:
    """The provider called and said so. What is good of it is believed once it was asked; what it
    confirmed before stands until then.
    """
    status = _AGAINST.get(word)
    if status is None:
        return known
    if known.confirmed:
        return replace(known, ill_at=max(now, known.ill_at or now))
    return _against(known, status, word, now, confirmed=False)


def owes_look(known: Known, word: str) -> bool:
    """Whether the provider is to be asked about a call of its: not where it says what is known.

    Who signed in anew may be somebody else, so that is never known.
    """
    says_nothing_new = known.status is None and known.unclear_at is None
    return not (says_nothing_new and word in {"OK", "SYNC_SUCCESS"})


def after_answer(known: Known, answer: Answer) -> Known:
    """What is known after an answer, in whatever order the answers come."""
    if is_well(answer.word):
        return _well(known, answer)
    if _is_old(known, answer):
        return known
    status = _AGAINST.get(answer.word)
    if status is not None:
        return _against(known, status, answer.word, answer.answered_at, confirmed=True)
    return _unclear(known, answer)


def next_look(known: Known, answer: Answer) -> datetime | None:
    """When to ask again after this answer, of itself; None: when somebody says something."""
    if is_well(answer.word) and known.status is not None:
        return answer.answered_at + APART
    if known.unclear_at is None or is_well(answer.word) or answer.word in _AGAINST:
        return None
    waited = answer.answered_at - known.unclear_at
    return answer.answered_at + AGAIN if waited < PATIENCE else None


def sentence(status: Against, word: str, *, confirmed: bool) -> str:
    """Why the account does nothing."""
    said = _SENTENCES[status].format(word=word)
    return said if confirmed else f"{said} It called, and is being asked."


def _is_old(known: Known, answer: Answer) -> bool:
    """Whether something else was heard after it was given."""
    ill_at = known.ill_at if known.confirmed else None
    heard = [at for at in (known.well_at, ill_at) if at is not None]
    return any(answer.answered_at <= at for at in heard)


def _well(known: Known, answer: Answer) -> Known:
    if known.ill_at is not None and answer.asked_at <= known.ill_at:
        return known
    well_at = max(answer.asked_at, known.well_at or answer.asked_at)
    returned = answer.answered_at if _was_lost(known, answer.answered_at) else known.returned_at
    return Known(well_at=well_at, ill_at=known.ill_at, returned_at=returned)


def _was_lost(known: Known, now: datetime) -> bool:
    if known.status is None or known.at is None or not known.confirmed:
        return False
    return known.status != "restricted" or now - known.at >= SHORT


def _unclear(known: Known, answer: Answer) -> Known:
    since = known.unclear_at or answer.answered_at
    if answer.answered_at - since < PATIENCE:
        return replace(known, unclear_at=since)
    held = replace(known, unclear_at=since)
    if held.status is not None:
        return held
    return _against(held, "restricted", STUCK, answer.answered_at, confirmed=True)


def _against(
    known: Known, status: Against, word: str, heard_at: datetime, *, confirmed: bool
) -> Known:
    same = known.status == status
    return replace(
        known,
        status=status,
        word=word,
        at=known.at if same else heard_at,
        confirmed=confirmed or (same and known.confirmed),
        unclear_at=known.unclear_at if status == "restricted" and word == STUCK else None,
        ill_at=max(heard_at, known.ill_at or heard_at),
    )
