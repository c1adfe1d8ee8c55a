"""Posts as a page shows them, out of what a script has read."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from chorus_browser_repost.domain.own_reposts import Authorship, Shown
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.scripts import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """`originals` are the posts inside it: what a repost repeats. `header`: who brought it there,
    where the page says so above it.
    """

    urn: PostUrn
    text: str
    author: str
    header: str
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
            header=read["header"],
            permalink=PostUrn.parse(read["permalink"]),
            originals=frozenset(each for each in originals if each is not None),
        )

    @property
    def url(self) -> str:
        return (self.permalink or self.urn).url

    def seen_by(self, members: Collection[str]) -> Shown:
        """As the one who is signed in sees it, whom the page calls by one of these names."""
        names = {urn for urn in (self.urn, self.permalink) if urn is not None}
        return Shown(
            names=frozenset(names),
            made_at=self.urn.made_at,
            text=self.text,
            authorship=self._authorship(members),
            originals=self.originals,
        )

    def _authorship(self, members: Collection[str]) -> Authorship:
        if self.author in members or any(name in self.header for name in members):
            return Authorship.OWN
        return Authorship.ANOTHERS if self.author and members else Authorship.NOT_SHOWN
