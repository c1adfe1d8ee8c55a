"""Which of the posts that a look showed are news, and may be amplified without anybody asking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from chorus.events import SeenPost
from chorus.linkedin import NotALinkedInAddress, PostAddress, parse_post

FRESH_FOR: Final = timedelta(days=1)

Why = Literal["out", "unknown", "no_address", "looked_up", "one_name"]

_WHY: Final[Mapping[Why, tuple[str, str]]] = {
    "out": (
        "A post of the account is being published, and what came of it was not heard yet.",
        "Its executor tells what came of it; nobody has to do anything.",
    ),
    "unknown": (
        "A post of the account may have been published, and nobody could tell yet.",
        "It is looked for, or a person says what is there: /api/activities/{activity_id}/decide.",
    ),
    "no_address": (
        "A post of the account was published, and where it is is not known.",
        "A person says where: /api/activities/{activity_id}/decide with its url.",
    ),
    "looked_up": (
        "Where a post of the account was published is being looked up.",
        "The look-up ends by itself, within a day.",
    ),
    "one_name": (
        "A post of the account was published and is known by one of the network's names alone.",
        "It passes by itself.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A publication of which a post that is not known may be the effect: until it is settled, new
    posts of its account are not registered.
    """

    account_id: UUID
    post_id: UUID
    activity_id: UUID | None
    code: Why
    until: datetime
    """From then on it hides nothing any more, whatever became of it."""

    @property
    def sentence(self) -> str:
        """What is not settled."""
        return f"{_WHY[self.code][0]} New posts of the account are not found until it is settled."

    @property
    def settled_by(self) -> str:
        """What settles it."""
        return _WHY[self.code][1].format(activity_id=self.activity_id)


def fresh(posts: Iterable[SeenPost], *, began_at: datetime, now: datetime) -> list[SeenPost]:
    """Oldest first: none from before the watch began, none that is a day old by now."""
    since = max(began_at, now - FRESH_FOR)
    news = [post for post in posts if post.published_at >= since]
    return sorted(news, key=lambda post: post.published_at)


def address_of(post: SeenPost) -> PostAddress | None:
    """Where the post is; None where neither its address nor its name is a post's."""
    for text in (post.url, post.social_id):
        try:
            if text is not None:
                return parse_post(text)
        except NotALinkedInAddress:
            continue
    return None
