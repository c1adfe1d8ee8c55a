"""The member's own list of posts and reposts, newest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from playwright.async_api import Page

from chorus.errors import TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import Marks, PageState, classify, error_of
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages import scripts
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.shown import ShownPost
from chorus_browser_repost.pages.site import OWN_ACTIVITY, Arrival, Site, arrive

_OPENING: Final = "Opening the member's activity"
_SKEW: Final = timedelta(seconds=5)
"""By how much LinkedIn's clock may be behind ours."""
_ONE_PAGE: Final = 10
"""A shorter list is all there is; a longer one may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnActivityPage:
    posts: tuple[ShownPost, ...]

    @classmethod
    async def open(cls, page: Page, *, site: Site, deadline: float) -> Self:
        """Raises ProviderErrors that mean: it cannot be told."""
        address = site.address(OWN_ACTIVITY)
        arrival = await arrive(page, address, doing=_OPENING, deadline=deadline)
        read = await scripts.run(
            page,
            "activity",
            doing=_OPENING,
            deadline=deadline,
            patience=site.patience,
            settling=site.settling * 1000,
        )
        state = _state(arrival, read)
        if state is not PageState.READY:
            raise error_of(state, retry_after=arrival.retry_after)
        shown = (ShownPost.of(item) for item in read["items"])
        return cls(posts=tuple(post for post in shown if post is not None))

    def find(
        self, originals: frozenset[PostUrn], text: str, *, since: datetime
    ) -> ShownPost | None:
        """The repost of one of these with exactly this text, made at `since` or later.

        An instant repost has no text, and its age does not matter: there is one at most.
        """
        for post in self.posts:
            recent = not text or _made(post, since) >= since - _SKEW
            if recent and post.repeats(originals, text):
                return post
        return None

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
    excused = read["broken"] or read["slow"]
    seen = read["framed"] and (bool(read["items"]) or not (read["links"] or excused))
    marks = Marks(
        challenge=read["challenge"],
        sign_in=read["sign_in"],
        post=seen,
        control="ready" if seen else "unknown",
    )
    state = classify(read["path"], arrival.status_at(read["path"]), marks)
    # The page is there for every member: that it cannot be shown says nothing of a post.
    if state is PageState.TOMBSTONE or (state is PageState.LAYOUT_CHANGED and excused):
        return PageState.SERVER_ERROR
    return state
