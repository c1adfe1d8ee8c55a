"""Which of an account's own things on the network is the effect of one of our calls?

What is the account's, on the target, not there before the call and not claimed by another act of
ours is ours, or it cannot be told. It is never absent because its text differs: networks change
texts.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto

from chorus_executor.domain.texts import ALIKE, best_likeness

_NUMBER = re.compile(r"(?<!\d)\d{15,25}(?!\d)")


class Verdict(Enum):
    ABSENT = auto()
    """There is nothing that could be ours."""
    UNCLEAR = auto()
    """There is something that could be ours, and nothing says that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something of the account's, on the target, that is not known to be from before the call.

    names: every id and address by which the network names it.
    sure: its kind alone tells that it is ours, whatever it says (a repost of the one post).
    """

    id: str | None
    url: str | None
    text: str
    names: AbstractSet[str] = frozenset()
    sure: bool = False


def chosen(
    candidates: Iterable[Candidate], texts: Sequence[str], claimed: AbstractSet[str]
) -> Candidate | Verdict:
    """The candidate that is most like what was sent; it must be alike unless it is sure."""
    taken = keys(claimed)
    free = [each for each in candidates if not (taken & keys(each.names))]
    if not free:
        return Verdict.ABSENT
    rated = [(best_likeness(each.text, texts), each) for each in free]
    best, found = max(rated, key=lambda pair: (pair[0], pair[1].sure))
    if best >= ALIKE:
        return found
    return next((each for _, each in rated if each.sure), Verdict.UNCLEAR)


def is_certain(candidate: Candidate, texts: Sequence[str], claimed: AbstractSet[str]) -> bool:
    """Nothing that is still to be read could be chosen before it."""
    free = not (keys(claimed) & keys(candidate.names))
    return free and best_likeness(candidate.text, texts) >= 1.0


def unclaimed(names: Iterable[str], claimed: AbstractSet[str]) -> frozenset[str]:
    """Those that no other act of ours made."""
    taken = keys(claimed)
    return frozenset(name for name in names if not (taken & keys((name,))))


def newer(listed: Sequence[AbstractSet[str]], stood: AbstractSet[str]) -> list[int]:
    """Which of these, newest first and each by its names, were not there when `stood` was noted.

    What stands behind all that was there is older still: a list's first page was noted.
    """
    known = keys(stood)
    new = [not (known & keys(names)) for names in listed]
    last = max((place for place, each in enumerate(new) if not each), default=len(new))
    return [place for place, each in enumerate(new) if each and place < last]


def keys(names: Iterable[str]) -> frozenset[str]:
    """Names in every form, told by their own number: the last one in an id or an address."""
    found: set[str] = set()
    for name in names:
        found.add(name)
        numbers = _NUMBER.findall(name)
        found.update(numbers[-1:])
    return frozenset(found)


def steady(shown: str | None, social_id: str | None) -> str | None:
    """The id as it is shown, unless it is another of the post's numbers, which vary."""
    if shown is None or social_id is None:
        return shown or social_id
    return shown if keys((social_id,)) & keys((shown,)) else social_id
