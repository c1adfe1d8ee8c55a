"""Looking whether a repost stands there, without doing anything: before each attempt, and after."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from chorus.errors import ProviderError, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.own_reposts import Sought
from chorus_browser_repost.domain.page_states import PageState
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.own_activity import OwnActivityPage
from chorus_browser_repost.pages.post_page import PostPage
from chorus_browser_repost.pages.site import Site
from chorus_browser_repost.pages.visit import Visit
from chorus_execution.port import AlreadyDoneError

_CLOCKS_AGREE: Final = timedelta(days=1)
"""To within this, ours and LinkedIn's: how far a list must go back to show what a call made."""
_TELLS_NOTHING: Final = frozenset({"post_not_found", "repost_not_permitted", "layout_changed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The repost stands there. `url` is its own, where it is known."""

    url: str | None = None


async def open_unreposted(
    visit: Visit, url: str, *known: str, site: Site, deadline: float
) -> PostPage:
    """The page of a post of which the member has no repost yet.

    Raises AlreadyDoneError where one stands, with words or without, however old (A post's own page
    says so of instant ones; the others are in the member's list alone, which costs a page.) Other
    ProviderErrors mean: no effect.
    """
    listed = await OwnActivityPage.open(visit.page, site=site, deadline=deadline)
    post = await PostPage.open(visit, url, *known, site=site, deadline=deadline)
    if post.already_reposted or listed.shows_repost_of(_urns(url, *known) | post.originals):
        raise AlreadyDoneError(
            "The account has reposted this post already.", code="already_reposted"
        )
    return post


async def find_own_repost(
    visit: Visit, url: str, *known: str, sought: Sought, site: Site, deadline: float
) -> Seen | None:
    """The member's repost of this post by the call that is looked for; None: it is not there.

    What `sought` has of originals is added to. Before each call there was none, so that any that is
    younger than the post is ours: both instants are LinkedIn's. Raises ProviderErrors: cannot be
    told.
    """
    problem, post = await _opened(visit, url, known, site, deadline)
    originals = sought.originals | _urns(url, *known) | (post.originals if post else frozenset())
    listed = await OwnActivityPage.open(visit.page, site=site, deadline=deadline)
    published = min(filter(None, (urn.made_at for urn in originals)), default=None)
    called = sought.since - _CLOCKS_AGREE
    found, told = listed.sought(replace(sought, originals=originals, since=published or called))
    if found is not None:
        return Seen(url=found.url)
    stands = post is not None and post.already_reposted
    if told.unclear or (stands and not told.others):
        raise TransientProviderError(
            "The account has reposted this post, or may have; its list does not tell when.",
            error_type=ErrorType.API_ERROR,
            code="repost_unclear",
        )
    if problem is not None and not _may_be_absent(problem, originals):
        raise problem
    if stands or post is None or any(text.strip() for text in sought.texts):
        listed.require_reach(called if published is None else max(called, published))
    return None


def _urns(*names: str) -> frozenset[PostUrn]:
    return frozenset(urn for urn in map(PostUrn.parse, names) if urn is not None)


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
