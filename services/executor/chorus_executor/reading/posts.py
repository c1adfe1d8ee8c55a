"""The reader of `posts_of_account`: what the account itself wrote of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chorus.events import SeenPost
from chorus.vocabulary import Platform
from chorus_executor.domain.recognition import keys
from chorus_executor.domain.watch_orders import Order, cursor_of, seen_before
from chorus_executor.providers.port import OwnPost
from chorus_executor.providers.registry import Registry
from chorus_executor.reading.store import WatchCheckStore

FRESH_FOR: Final = timedelta(days=1)
"""What is older is no news, and not amplified; nor is what is older than the watch."""
MOST: Final = 50
"""So many posts are told of at most, the newest."""
SHOWN: Final = 300
"""So many characters of a post are shown to whoever is asked for a yes to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one check saw."""

    found: int
    cursor: dict[str, list[str]]
    posts: tuple[SeenPost, ...]
    shown: dict[str, str]
    """By its `social_id`, how each post begins: for people, and nothing goes by it."""


class PostsReader:
    """One call a check."""

    def __init__(self, registry: Registry, store: WatchCheckStore) -> None:
        self._registry = registry
        self._store = store

    async def read(
        self, order: Order, platform: Platform, now: datetime, deadline: float
    ) -> Reading:
        """Raises ProviderError. The order names an account at a provider."""
        provider = self._registry.reading(platform)
        since = max(order.began_at, now - FRESH_FOR)
        account = order.provider_account_id or ""
        posts = await provider.posts_of(account=account, since=since, deadline=deadline)
        claimed = await self._store.claimed(order.account_id, since - FRESH_FOR)
        return reading(posts, keys(claimed), seen_before(order.cursor))


def reading(posts: Sequence[OwnPost], ours: frozenset[str], before: frozenset[str]) -> Reading:
    """Without what we made ourselves. `ours`: by the numbers in its names."""
    own = [post for post in posts if not ours & keys(post.names)][:MOST]
    names = [post.social_id for post in own]
    return Reading(
        found=sum(name not in before for name in names),
        cursor=cursor_of(names),
        posts=tuple(
            SeenPost(
                social_id=post.social_id,
                url=post.url,
                author_provider_id=post.author_id,
                published_at=post.published_at,
            )
            for post in own
        ),
        shown={post.social_id: said for post in own if (said := _beginning(post.text))},
    )


def _beginning(text: str | None) -> str:
    """Its end says whether there is more; a database's JSON holds no NUL."""
    said = (text or "").replace("\0", "").strip()
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"
