"""Which post of the network a registered address is, judged by what the provider says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chorus.hidden import without_hidden
from chorus.linkedin import NotALinkedInAddress, PostAddress, parse_post
from chorus.texts import is_blank

GIVE_UP_AFTER: Final = timedelta(hours=24)
_PAUSES: Final = (5, 15, 60, 300)
"""Seconds before the second look, the third, and so on; the last one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A post as the provider shows it. `social_id` is one for all of its addresses."""

    social_id: str
    url: str | None = None
    author_provider_id: str | None = None
    published_at: datetime | None = None
    author_name: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What somebody said about a post when they registered it."""

    address: PostAddress
    author_account_id: UUID | None
    """A hint: the provider's word is what counts."""
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known of a post from now on."""

    social_id: str
    url: str
    author_provider_id: str | None
    author_account_id: UUID | None
    published_at: datetime
    shown_author: str | None = None
    shown_text: str | None = None
    """Its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It is not registered; the reason is for a person."""

    code: str
    reason: str


NO_SUCH_POST: Final = Refused(
    code="no_such_post",
    reason="The network has no such post, or shows it to none of the team's accounts.",
)
AUTHOR_DIFFERS: Final = Refused(
    code="author_differs",
    reason="The post is somebody else's than the account that was named as its author.",
)
NEVER_SAID: Final = Refused(
    code="never_looked_up",
    reason="For a day nobody could say which post this is: no account could look it up.",
)
SAME_POST: Final = "This is another address of a post that is registered already."
SAME_AS_OURS: Final = "The post was registered by its address before it was known to be this one."


def identify(
    said: Registered,
    found: FoundPost,
    profiles: Mapping[str, UUID],
    known: str | None,
    now: datetime,
) -> Identity | Refused:
    """What the post is.

    `profiles` are the team's accounts by whom the network knows them as; `known` is what the
    network calls the account that was named as the author, where that is known.
    """
    author = found.author_provider_id
    if said.author_account_id is not None and author and known and author != known:
        return AUTHOR_DIFFERS
    address = _address(found.url) or said.address
    instant = found.published_at or address.made_at or said.address.made_at or said.published_at
    return Identity(
        social_id=found.social_id,
        url=address.url,
        author_provider_id=author,
        author_account_id=(profiles.get(author) if author else None) or said.author_account_id,
        # A time to come is no time of publication.
        published_at=min(instant or now, now),
        shown_author=beginning(found.author_name, 200),
        shown_text=beginning(found.text, 300),
    )


def beginning(text: str | None, most: int) -> str | None:
    """At most so many characters that are seen, the last of them a sign that there are more; None:
    nothing.
    """
    said = without_hidden(text or "").strip()
    if is_blank(said):
        return None
    return said if len(said) <= most else f"{said[: most - 1]}…"


def ask_again_at(now: datetime, lookups: int, since: datetime) -> datetime | None:
    """When to ask once more after `lookups` looks that told nothing; None: never."""
    if now - since >= GIVE_UP_AFTER:
        return None
    return now + timedelta(seconds=_PAUSES[min(max(lookups, 1), len(_PAUSES)) - 1])


def _address(url: str | None) -> PostAddress | None:
    try:
        return parse_post(url) if url else None
    except NotALinkedInAddress:
        return None
