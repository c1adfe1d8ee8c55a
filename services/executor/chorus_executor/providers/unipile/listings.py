"""Reading Unipile's lists to their end, and recognising our own effects in them.

Every answer is somebody else's: a field of another shape than documented is treated as not given,
and what then cannot be decided is an error (cannot tell), never a guess.
"""

import re
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any

from yarl import URL

from chorus.linkedin import made_at
from chorus_executor.domain.recognition import Candidate, keys, steady
from chorus_executor.providers.port import CannotTell
from chorus_executor.providers.unipile.transport import Json, Transport

Pages = AsyncIterator[list[Json]]

PAGE_SIZE = 100
SKEW = timedelta(days=1)
"""By how much the network's clock and the database's may differ, where nothing but a time tells."""

_NUMBER = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
_AGE = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>mo|[smhdwy])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000, "y": 31_536_000}
_LONGEST_AGE = 50 * 31_536_000
_LONGEST_ID, _LONGEST_URL, _LONGEST_TEXT = 300, 2_048, 8_000


async def pages(
    transport: Transport, url: URL, *, account: str, deadline: float, bound: int
) -> Pages:
    """The items of each page. An error when the list goes on beyond `bound` pages."""
    cursor: str | None = None
    for _ in range(bound):
        query = {"account_id": account, "limit": str(PAGE_SIZE)}
        if cursor is not None:
            query["cursor"] = cursor
        page = await transport.get(url.update_query(query), deadline=deadline)
        items = page.get("items")
        if not isinstance(items, list):
            raise CannotTell("A list came without items.")
        yield [item for item in items if isinstance(item, dict)]
        cursor = text_of(page, "cursor")
        if cursor is None:
            return
    raise ListTooLong(f"The list is longer than {bound} pages.")


class ListTooLong(CannotTell):
    """There is more than is read: what was not found may be there."""


def text_of(item: Json, *path: str) -> str | None:
    found: Any = item
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def is_older(item: Json, since: datetime, now: datetime | None = None) -> bool:
    """Certainly from before: what has no readable date is not.

    With `now`, ages ("2h") are understood as well, by the shortest time that they may stand for.
    """
    dates = [text_of(item, name) for name in ("parsed_datetime", "date")]
    written = next(filter(None, map(instant_of, dates)), None)
    if written is None and now is not None:
        written = next(filter(None, (latest_of(date, now) for date in dates)), None)
    return written is not None and written < since - SKEW


def instant_of(text: str | None) -> datetime | None:
    """An ISO instant; None for the relative forms ("2h") that LinkedIn shows."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def latest_of(text: str | None, now: datetime) -> datetime | None:
    """The latest instant that an age may mean, whether it was rounded up or down."""
    found = _AGE.match(text.strip().casefold()) if text else None
    if found is None:
        return None
    seconds = _UNITS[found["unit"]] * max(0, int(found["count"]) - 1)
    return now - timedelta(seconds=min(seconds, _LONGEST_AGE))


def published_at(post: Json, social_id: str) -> datetime | None:
    """When a post was published: as it says, or else as its own number does."""
    dates = (instant_of(text_of(post, name)) for name in ("parsed_datetime", "date"))
    return next(filter(None, dates), None) or _made_at(social_id)


def _made_at(identifier: str | None) -> datetime | None:
    numbers = _NUMBER.findall(identifier) if identifier else []
    return made_at(int(numbers[-1])) if numbers else None


def candidate_of(item: Json, *, sure: bool = False) -> Candidate:
    """An item of a list, named by every id that it shows."""
    shown, social_id = id_of(item, "id"), id_of(item, "social_id")
    url = address_of(item)
    names = frozenset(name for name in (shown, social_id, url) if name)
    return Candidate(
        id=steady(shown, social_id),
        url=url,
        text=(text_of(item, "text") or "")[:_LONGEST_TEXT],
        names=names,
        sure=sure,
    )


def id_of(item: Json, *path: str) -> str | None:
    """An id of a length that ids have."""
    found = text_of(item, *path)
    return found if found is not None and len(found) <= _LONGEST_ID else None


def address_of(item: Json) -> str | None:
    """Where the item can be seen; nothing that a browser would not simply open."""
    found = text_of(item, "share_url")
    sound = found is not None and found.startswith("https://") and len(found) <= _LONGEST_URL
    return found if sound else None


def is_on(item: Json, names: AbstractSet[str]) -> bool:
    """Whether a comment of somebody's list is on the post with these names, and no reply there."""
    posts = {id_of(item, "post_id"), id_of(item, "post_urn")}
    thread = id_of(item, "thread_id")
    top = thread is None or thread == id_of(item, "id")
    return top and bool(keys(names) & keys(filter(None, posts)))


def originals_of(item: Json) -> set[str]:
    """What a post repeats, by every id that it names; empty where it says nothing of the kind."""
    found = {id_of(item, "repost_id"), id_of(item, "repost_content", "id")}
    return {name for name in found if name}


def is_repost(item: Json) -> bool:
    return item.get("is_repost") is True or bool(originals_of(item))
