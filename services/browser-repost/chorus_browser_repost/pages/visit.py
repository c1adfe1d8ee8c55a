"""What the pages need of whoever opens them: a page of the member's, and a fresh one after it."""

from typing import Protocol

from playwright.async_api import Page


class Visit(Protocol):
    """A member's session in a browser, with one page at a time."""

    @property
    def page(self) -> Page:
        """The page that is open now."""

    async def renew(self) -> Page:
        """Close the page, and open another with the same session on which nothing was sent yet:
        its connections are its own. Raises Playwright's errors.
        """
