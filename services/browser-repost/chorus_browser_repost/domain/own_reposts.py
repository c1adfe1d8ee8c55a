"""Which of a member's own posts is the repost that a call of ours made? Pure.

The member's, of this post, not from before `since` and not claimed by another act of ours: it is
ours, with words or without. Texts are changed by networks on the way, so that a text only helps to
choose among several. What might be ours and is not certain is *unclear*, and never absent.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chorus_browser_repost.domain.post_urls import PostUrn

SKEW: Final = timedelta(seconds=5)
"""By how much LinkedIn's clock may be behind ours."""
_NUMBER: Final = re.compile(r"(?<!\d)\d{15,25}(?!\d)")


class Authorship(StrEnum):
    OWN = "own"
    ANOTHERS = "anothers"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post of the member's list. `names` are its own ids, `originals` those of what is in it."""

    names: frozenset[PostUrn]
    made_at: datetime | None
    text: str
    authorship: Authorship
    originals: frozenset[PostUrn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The repost of `originals`, all known ids of one post. See `port.EffectMarks`."""

    originals: frozenset[PostUrn]
    since: datetime
    texts: Sequence[str] = ()
    claimed: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`found` is the index of ours. `unclear`: something may be ours that cannot be told to be.

    `others`: the member has reposted the post by another act, or before.
    """

    found: int | None = None
    unclear: bool = False
    others: bool = False


def verdict(shown: Sequence[Shown], sought: Sought) -> Verdict:
    ours: list[int] = []
    unclear = others = False
    claimed = numbers_in(sought.claimed)
    for index, post in enumerate(shown):
        same = repeats(post, sought.originals)
        if same is False or post.authorship is Authorship.ANOTHERS:
            continue
        earlier = post.made_at is not None and post.made_at < sought.since - SKEW
        if earlier or claimed & {urn.number for urn in post.names}:
            others = others or same is True
        elif same and post.authorship is Authorship.OWN and post.made_at is not None:
            ours.append(index)
        else:
            unclear = True
    found = min(ours, key=lambda index: _unlikeness(shown[index].text, sought.texts), default=None)
    return Verdict(found=found, unclear=unclear, others=others)


def repeats(post: Shown, originals: frozenset[PostUrn]) -> bool | None:
    """Whether it repeats this post. None: it names what it repeats by another kind of number, and
    nobody can work out one from the other.
    """
    if post.originals & originals:
        return True
    if not post.originals or not originals:
        return False if not post.originals else None
    forms = {urn.form for urn in originals}
    return None if all(urn.form not in forms for urn in post.originals) else False


def numbers_in(names: Iterable[str]) -> frozenset[int]:
    """Each name's own number, which is the last one in it."""
    return frozenset(int(found[-1]) for name in names if (found := _NUMBER.findall(name)))


def _unlikeness(shown: str, texts: Sequence[str]) -> tuple[bool, bool]:
    """Less is more alike: first the very text, then words where words were sent."""
    sent = {" ".join(text.split()) for text in texts}
    return (" ".join(shown.split()) not in sent, bool(shown) not in {bool(each) for each in sent})
