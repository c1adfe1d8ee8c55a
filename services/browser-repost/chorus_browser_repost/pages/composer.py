"""The dialog in which a repost gets its text."""

from typing import Final, Self

from playwright.async_api import Locator, Page

from chorus_browser_repost.pages import scripts
from chorus_browser_repost.pages.errors import Failure, effectless, milliseconds_until
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.settling import choosing, what_is_missing
from chorus_browser_repost.pages.wording import Wording, as_typed

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
            raise await what_is_missing(page, doing=_OPENING, deadline=deadline)
        return composer

    async def write(self, text: str) -> Locator:
        """Put the text in, line by line; the button whose click posts it.

        Raises `layout_changed` unless exactly these lines stand in the editor.
        """
        wanted = as_typed(text)
        first, *others = text.strip().replace("\r\n", "\n").split("\n")
        editor = self._dialog.get_by_role("textbox")
        await choosing(
            editor.fill(first, timeout=milliseconds_until(self._deadline)),
            page=self._page,
            doing=_WRITING,
            deadline=self._deadline,
        )
        for line in others:
            await effectless(self._begin_line(line), doing=_WRITING, deadline=self._deadline)
        read = await self._read(_WRITING, wanted=wanted)
        if as_typed(read["text"]) != wanted:
            raise await what_is_missing(self._page, doing=_WRITING, deadline=self._deadline)
        return self._dialog.get_by_role("button", name=self._words.post, exact=True)

    async def _begin_line(self, line: str) -> None:
        """A break within the paragraph: a paragraph of its own counts as two in some editors."""
        await self._page.keyboard.press("Shift+Enter")
        if line:
            await self._page.keyboard.insert_text(line)

    async def _read(self, doing: str, *, wanted: str | None = None) -> Read:
        return await scripts.run(
            self._page, "composer", doing=doing, deadline=self._deadline, wanted=wanted
        )
