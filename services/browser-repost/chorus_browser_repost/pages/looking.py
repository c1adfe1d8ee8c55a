"""Looking whether a repost stands there, without doing anything: before any second attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chorus.errors import ProviderError
from chorus_browser_repost.domain.page_states import PageState
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.own_activity import OwnActivityPage
from chorus_browser_repost.pages.post_page import PostPage
from chorus_browser_repost.pages.site import Site
from chorus_browser_repost.pages.visit import Visit

_TELLS_NOTHING: Final = frozenset({"post_not_found", "repost_not_permitted", "layout_changed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The repost stands there. `url` is its own, where it is known."""

    url: str | None = None


async def look(
    visit: Visit,
    url: str,
    *known: str,
    since: datetime,
    text: str | None,
    site: Site,
    deadline: float,
) -> Seen | None:
    """The member's repost of this post, made at `since` or later; None: it is not there.

    One with a text is told by the original and its text, in the member's own list. An instant one
    by the original: the post's own state, or the list. Raises ProviderErrors: cannot be told.
    """
    own_text = (text or "").strip()
    problem, post = await _opened(visit, url, known, site, deadline)
    urns = {urn for urn in map(PostUrn.parse, (url, *known)) if urn is not None}
    originals = frozenset(urns) | (post.originals if post else frozenset())
    stands = post is not None and post.already_reposted and not own_text
    try:
        listed = await OwnActivityPage.open(visit.page, site=site, deadline=deadline)
    except ProviderError:
        if stands:
            return Seen()
        raise
    found = listed.find(originals, own_text, since=since)
    if found is not None or stands:
        return Seen(url=found.url if found else None)
    if problem is not None and not _may_be_absent(problem, originals):
        raise problem
    if own_text or post is None:
        listed.require_reach(since)
    return None


def _may_be_absent(problem: ProviderError, originals: frozenset[PostUrn]) -> bool:
    """Whether the list alone can tell: it names originals by their activity's id."""
    return problem.code != PageState.LAYOUT_CHANGED and any(
        urn.form == "activity" for urn in originals
    )


async def _opened(
    visit: Visit, url: str, known: tuple[str, ...], site: Site, deadline: float
) -> tuple[ProviderError | None, PostPage | None]:
    """The post's page; without it the list may still tell."""
    try:
        return None, await PostPage.open(visit, url, *known, site=site, deadline=deadline)
    except ProviderError as error:
        if error.code not in _TELLS_NOTHING:
            raise
        return error, None
