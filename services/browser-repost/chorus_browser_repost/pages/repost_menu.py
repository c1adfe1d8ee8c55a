"""The menu behind a post's repost control: its two ways to repost."""

from typing import Final, Self

from playwright.async_api import Locator, Page

from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages import scripts, selectors
from chorus_browser_repost.pages.click import click
from chorus_browser_repost.pages.composer import Composer
from chorus_browser_repost.pages.settling import what_is_missing
from chorus_browser_repost.pages.wording import Wording
from chorus_execution.port import AlreadyDoneError

_OPENING: Final = "Opening the menu"


class RepostMenu:
    """Open, with both ways in it, each once and enabled."""

    def __init__(self, page: Page, words: Wording, deadline: float) -> None:
        self._page = page
        self._words = words
        self._deadline = deadline

    @classmethod
    async def open(cls, page: Page, post: PostUrn, words: Wording, *, deadline: float) -> Self:
        """Raises AlreadyDoneError when the menu offers to undo, `layout_changed` when it is odd."""
        shown = page.locator(selectors.POST.format(urn=post))
        trigger = shown.get_by_role("button", name=words.repost, exact=True)
        await click(trigger, doing=_OPENING, deadline=deadline)
        read = await scripts.run(page, "menu", doing=_OPENING, deadline=deadline)
        offered = [item["name"] for item in read["items"] if item["enabled"]]
        if words.undo in offered:
            raise AlreadyDoneError(
                "The account has reposted this already.", code="already_reposted"
            )
        once = all(offered.count(name) == 1 for name in (words.repost, words.with_thoughts))
        if read["menus"] != 1 or not once:
            raise await what_is_missing(page, doing=_OPENING, deadline=deadline)
        return cls(page, words, deadline)

    def instant(self) -> Locator:
        """The item whose click reposts at once."""
        return self._item(self._words.repost)

    async def compose(self) -> Composer:
        """The dialog for a repost with a text of one's own."""
        item = self._item(self._words.with_thoughts)
        await click(item, doing="Opening the composer", deadline=self._deadline)
        return await Composer.opened(self._page, self._words, deadline=self._deadline)

    def _item(self, name: str) -> Locator:
        menu = self._page.locator(selectors.MENUS).filter(visible=True)
        return menu.get_by_role("menuitem", name=name, exact=True).or_(
            menu.get_by_role("button", name=name, exact=True)
        )
