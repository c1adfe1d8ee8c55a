"""Reading Unipile's lists to their end, and recognising our own effects in them.

Every answer is somebody else's: a field of another shape than documented is treated as not given,
and what then cannot be decided is an error (cannot tell), never a guess.
"""

from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any

from yarl import URL

from chorus.errors import TransientProviderError
from chorus.execution.port import Traces
from chorus.vocabulary import ErrorType
from chorus_executor.domain.texts import is_one_of
from chorus_executor.providers.unipile.transport import Json, Transport

Recogniser = Callable[[Json], bool]
Pages = AsyncIterator[list[Json]]

PAGE_SIZE = 100
SKEW = timedelta(seconds=60)
"""By how much the network's clock and the database's may differ."""


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
            raise cannot_tell("A list came without items.")
        yield [item for item in items if isinstance(item, dict)]
        cursor = text_of(page, "cursor")
        if cursor is None:
            return
    raise cannot_tell(f"The list is longer than {bound} pages.")


def cannot_tell(why: str) -> TransientProviderError:
    return TransientProviderError(why, error_type=ErrorType.API_ERROR, code="cannot_tell")


def text_of(item: Json, *path: str) -> str | None:
    found: Any = item
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, int):
        return str(found)
    return found if isinstance(found, str) and found else None


def is_older(item: Json, since: datetime) -> bool:
    """Certainly from before: what has no readable date is not."""
    written = instant_of(text_of(item, "parsed_datetime")) or instant_of(text_of(item, "date"))
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


def is_our_comment(item: Json, own_id: str, traces: Traces) -> bool:
    return (
        text_of(item, "author_details", "id") == own_id
        and not is_older(item, traces.since)
        and is_one_of(text_of(item, "text") or "", traces.texts)
    )


def is_our_post(item: Json, traces: Traces) -> bool:
    return (
        item.get("is_repost") is not True
        and not is_older(item, traces.since)
        and is_one_of(text_of(item, "text") or "", traces.texts)
    )


def is_repost_of(item: Json, originals: AbstractSet[str], traces: Traces) -> bool:
    """Raises (cannot tell) when a new repost does not say of what."""
    if item.get("is_repost") is not True or is_older(item, traces.since):
        return False
    of = {text_of(item, "repost_id"), text_of(item, "repost_content", "id")} - {None}
    if not of:
        raise cannot_tell("A repost does not say which post it repeats.")
    return not originals.isdisjoint(of)
