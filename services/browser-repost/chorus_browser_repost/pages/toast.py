"""The short message with which a page says what became of a click. It is no evidence."""

from dataclasses import dataclass
from typing import Self

from playwright.async_api import Page

from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages import scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """`link` is the post that it leads to, where it has a link."""

    text: str
    failed: bool
    link: PostUrn | None

    @classmethod
    async def shown(cls, page: Page, *, seconds: float, deadline: float) -> Self | None:
        """The newest toast, as soon as there is one; None after so many seconds without."""
        read = await scripts.run(
            page, "toast", doing="Reading the answer", deadline=deadline, patience=seconds
        )
        if not read["shown"]:
            return None
        return cls(text=read["text"], failed=read["failed"], link=PostUrn.parse(read["link"]))
