"""Of a person's list of posts, what they wrote themselves."""

from collections.abc import Sequence
from datetime import datetime

from chorus_executor.providers.port import CannotTell, OwnPost
from chorus_executor.providers.unipile.listings import (
    address_of,
    candidate_of,
    id_of,
    is_repost,
    published_at,
    text_of,
)
from chorus_executor.providers.unipile.transport import Json


def written_by(items: Sequence[Json], author: str, since: datetime) -> tuple[OwnPost, ...]:
    """Those of the author that are no older than `since`. Reposts, and what names somebody else,
    are passed over; a post that may be new and does not say whose it is cannot be told.
    """
    return tuple(
        post
        for item in items
        if not is_repost(item) and text_of(item, "author", "id") in (author, None)
        if (post := _read(item, author, since)) is not None
    )


def _read(item: Json, author: str, since: datetime) -> OwnPost | None:
    social_id = id_of(item, "social_id")
    at = published_at(item, social_id or "")
    if at is not None and at < since:
        return None
    if social_id is None or at is None or text_of(item, "author", "id") is None:
        raise CannotTell("A new post does not say which it is, whose, or of when.")
    return OwnPost(
        social_id=social_id,
        url=address_of(item),
        author_id=author,
        published_at=at,
        names=frozenset(candidate_of(item).names),
        text=text_of(item, "text"),
    )
