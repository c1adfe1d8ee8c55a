"""The member's own list of posts and reposts, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from playwright.async_api import Page

from chorus.errors import TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.own_reposts import (
    Authorship,
    Sought,
    Verdict,
    repeats,
    verdict,
)
from chorus_browser_repost.domain.page_states import Marks, PageState, classify, error_of
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.settling import read_at_rest
from chorus_browser_repost.pages.shown_post import ShownPost
from chorus_browser_repost.pages.site import OWN_ACTIVITY, Arrival, Site, arrive

_OPENING: Final = "Opening the member's activity"
_ONE_PAGE: Final = 10
"""A shorter list is all there is; a longer one may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnActivityPage:
    """`members` is what the page calls the one who is signed in."""

    posts: tuple[ShownPost, ...]
    members: tuple[str, ...]

    @classmethod
    async def open(cls, page: Page, *, site: Site, deadline: float) -> Self:
        """Raises ProviderErrors that mean: it cannot be told."""
        address = site.address(OWN_ACTIVITY)
        arrival = await arrive(page, address, doing=_OPENING, deadline=deadline)
        read = await read_at_rest(
            page,
            "activity",
            doing=_OPENING,
            deadline=deadline,
            unclear=lambda read: _state(arrival, read) is PageState.SLOW,
            patience=site.patience,
            settling=site.settling * 1000,
        )
        state = _state(arrival, read)
        if state is not PageState.READY:
            raise error_of(state, retry_after=arrival.retry_after)
        shown = (ShownPost.of(item) for item in read["items"])
        posts = tuple(post for post in shown if post is not None)
        return cls(posts=posts, members=tuple(read["members"]))

    def sought(self, sought: Sought) -> tuple[ShownPost | None, Verdict]:
        """The repost that is looked for, and what else the list says of it."""
        told = verdict([post.seen_by(self.members) for post in self.posts], sought)
        return (None if told.found is None else self.posts[told.found]), told

    def shows_repost_of(self, originals: frozenset[PostUrn]) -> bool:
        """Whether the member has one, of whatever age, with words or without."""
        shown = (post.seen_by(self.members) for post in self.posts)
        return any(
            repeats(post, originals) and post.authorship is not Authorship.ANOTHERS
            for post in shown
        )

    def require_reach(self, since: datetime) -> None:
        """Raise TransientProviderError unless the list goes back to `since`: absent is certain."""
        if len(self.posts) < _ONE_PAGE:
            return
        if all(_made(post, since) >= since for post in self.posts):
            raise TransientProviderError(
                "The member's list of posts does not go back far enough to tell.",
                error_type=ErrorType.API_ERROR,
                code="listing_too_short",
            )


def _made(post: ShownPost, otherwise: datetime) -> datetime:
    return post.urn.made_at or otherwise


def _state(arrival: Arrival, read: Read) -> PageState:
    excused = read["broken"] or not read["settled"]
    seen = read["framed"] and (bool(read["items"]) or not (read["links"] or excused))
    marks = Marks(
        challenge=read["challenge"],
        sign_in=read["sign_in"],
        post=seen,
        control="ready" if seen else "unknown",
    )
    state = classify(read["path"], arrival.status_at(read["path"]), marks)
    # The page is there for every member: that it cannot be shown says nothing of a post.
    if state is PageState.TOMBSTONE or (state is PageState.LAYOUT_CHANGED and read["broken"]):
        return PageState.SERVER_ERROR
    late = state is PageState.LAYOUT_CHANGED and not read["settled"]
    return PageState.SLOW if late else state
