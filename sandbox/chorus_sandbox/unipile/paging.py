"""Pages by cursor, newest first: `{object, items, cursor|null}`.

A cursor belongs to one listing and stands still when newer things arrive.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.world.calls import Refusal

T = TypeVar("T")

# No default is documented; a small one makes every client follow the cursor.
DEFAULT_LIMIT = 10
ITEMS_LIMIT = 100
ACCOUNTS_LIMIT = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    listing: str
    limit: int
    before: int | None


def page_of(found: dict[str, str], listing: str, highest: int) -> Page:
    text = found.get("limit")
    limit = DEFAULT_LIMIT if text is None else _limit(text, highest)
    cursor = found.get("cursor")
    before = None if cursor is None else _position(cursor, listing)
    return Page(listing=listing, limit=limit, before=before)


def page_answer(
    page: Page,
    object_name: str,
    items: Sequence[T],
    render: Callable[[T], dict[str, object]],
    extra: dict[str, object] | None = None,
) -> Answer:
    """One page of `items`, which stand in the order in which they were made."""
    end = len(items) if page.before is None else min(page.before, len(items))
    start = max(0, end - page.limit)
    body: dict[str, object] = {
        "object": object_name,
        "items": [render(item) for item in reversed(items[start:end])],
        "cursor": _cursor(page.listing, start) if start else None,
    }
    return json_answer(200, body | (extra or {}))


def _limit(text: str, highest: int) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
        raise Refusal("invalid_parameters", f"limit must be a number from 1 to {highest}.")
    return int(text)


def _cursor(listing: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"{position}|{listing}".encode()).decode()


def _position(cursor: str, listing: str) -> int:
    try:
        number, _, owner = base64.urlsafe_b64decode(cursor).decode().partition("|")
        position = int(number)
    except (binascii.Error, ValueError) as error:
        raise Refusal("invalid_parameters", "cursor is not one of this API.") from error
    if owner != listing:
        raise Refusal("invalid_parameters", "cursor belongs to another listing.")
    return position
