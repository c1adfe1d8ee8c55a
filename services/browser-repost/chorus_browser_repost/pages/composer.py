"""The dialog in which a repost gets its text."""

from typing import Final, Self

from playwright.async_api import Locator, Page

from chorus_browser_repost.domain.page_states import PageState, error_of
from chorus_browser_repost.pages import scripts
from chorus_browser_repost.pages.errors import Failure, choosing, milliseconds_until
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.wording import Wording, tidy

_OPENING: Final = "Opening the composer"
_WRITING: Final = "Writing the text"


class Composer:
    """Open, with one editor and one button to post."""

    def __init__(self, page: Page, words: Wording, deadline: float) -> None:
        self._page = page
        self._words = words
        self._deadline = deadline
        self._dialog = page.get_by_role("dialog")

    @classmethod
    async def opened(cls, page: Page, words: Wording, *, deadline: float) -> Self:
        """Wait for it. The server may build it: that it is late is no changed layout."""
        composer = cls(page, words, deadline)
        read = await composer._read(_OPENING)
        if read["dialogs"] == 0:
            raise Failure.LATE.without_effect(_OPENING)
        if (read["dialogs"], read["editors"], read["buttons"]) != (1, 1, 1):
            raise error_of(PageState.LAYOUT_CHANGED)
        return composer

    async def write(self, text: str) -> Locator:
        """Put the text in; the button whose click posts it.

        Raises `layout_changed` unless exactly this text stands in the editor.
        """
        await choosing(
            self._dialog.get_by_role("textbox").fill(
                text, timeout=milliseconds_until(self._deadline)
            ),
            doing=_WRITING,
            deadline=self._deadline,
        )
        read = await self._read(_WRITING)
        if read["text"] != tidy(text):
            raise error_of(PageState.LAYOUT_CHANGED)
        return self._dialog.get_by_role("button", name=self._words.post, exact=True)

    async def _read(self, doing: str) -> Read:
        return await scripts.run(self._page, "composer", doing=doing, deadline=self._deadline)
