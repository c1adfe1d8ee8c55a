"""Posts as a page shows them, out of what a script has read."""

from dataclasses import dataclass
from typing import Self

from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.wording import tidy


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """`originals` are the posts inside it: what a repost repeats."""

    urn: PostUrn
    text: str
    author: str
    permalink: PostUrn | None
    originals: frozenset[PostUrn]

    @classmethod
    def of(cls, read: Read) -> Self | None:
        urn = PostUrn.parse(read["urn"])
        if urn is None:
            return None
        originals = (PostUrn.parse(each) for each in read["originals"])
        return cls(
            urn=urn,
            text=read["text"],
            author=read["author"],
            permalink=PostUrn.parse(read["permalink"]),
            originals=frozenset(each for each in originals if each is not None),
        )

    @property
    def url(self) -> str:
        return (self.permalink or self.urn).url

    def repeats(self, originals: frozenset[PostUrn], text: str) -> bool:
        """Whether it is a repost of one of these with exactly this text (spaces apart)."""
        return bool(self.originals & originals) and tidy(self.text) == tidy(text)
