"""Which of the posts that a look showed are news, and may be amplified without anybody asking."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from chorus.events import SeenPost
from chorus.linkedin import NotALinkedInAddress, PostAddress, parse_post

FRESH_FOR: Final = timedelta(days=1)


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
