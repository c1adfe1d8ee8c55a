"""Where LinkedIn is, and how one of its pages is opened."""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page, Response

from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.errors import effectless, milliseconds_until

OWN_ACTIVITY: Final = "/in/me/recent-activity/all/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`base_url` is scheme, host and port. The others are seconds.

    `patience`: how long a page may take to build what it must hold before its layout counts as
    changed; `settling`: how long a control must stay away before it counts as not offered;
    `answer`: how long the page may take to say what became of the click.
    """

    base_url: str = "https://www.linkedin.com"
    patience: float = 8.0
    settling: float = 0.6
    answer: float = 10.0

    def address(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where a page ended, and the answer that it ended with."""

    path: str
    status: int | None
    retry_after: float | None = None

    def status_at(self, path: str) -> int | None:
        """The status, unless the page has gone elsewhere by itself since."""
        return self.status if path == self.path else None


async def arrive(page: Page, url: str, *, doing: str, deadline: float) -> Arrival:
    """Open an address and return with its answer's head; the page is still being built.

    Raises ProviderErrors that mean: no effect.
    """
    left = milliseconds_until(deadline)
    answer = await effectless(
        page.goto(url, wait_until="commit", timeout=left), doing=doing, deadline=deadline
    )
    if answer is None:
        return Arrival(path=path_of(page.url), status=None)
    return Arrival(
        path=path_of(answer.url), status=answer.status, retry_after=retry_after_of(answer)
    )


def retry_after_of(answer: Response) -> float | None:
    """Retry-After in seconds; its other form, a date, is ignored."""
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() else None
