"""What a job's context is made of. It shows nothing of itself: session material is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chorus_browser_repost.sessions.session import CookieParam


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOptions:
    """`user_agent` is the one that belongs to the cookies; None: the browser's own."""

    user_agent: str | None = field(default=None, repr=False)
    cookies: Sequence[CookieParam] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    locale: str = "en-US"
