"""Evidence that a repost stands there: what was read again, never what the site answered."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog
from playwright.async_api import Page

from chorus.errors import IndeterminateWrite, ProviderError
from chorus_browser_repost.domain.own_reposts import Authorship, Sought, repeats
from chorus_browser_repost.domain.page_states import PageState
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.own_activity import OwnActivityPage
from chorus_browser_repost.pages.post_reading import PostReading, read_post
from chorus_browser_repost.pages.shown_post import ShownPost
from chorus_browser_repost.pages.site import Site

Evidence = Literal["own_state", "opened", "listed"]
_URL_SECONDS: Final = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """`own_state`: the post says "you reposted this"; `opened`: the repost's own page was read;
    `listed`: it stands in the member's list. `url` is the repost's, where it is known.
    """

    evidence: Evidence
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reposted:
    """What was reposted: the post as it was seen before, its ids, its page, and the own text.

    Before the click the member had no repost of it, so any that is newer is this one.
    """

    before: PostReading
    originals: frozenset[PostUrn]
    text: str
    since: datetime


class Confirming:
    """Looks, after the click. Raises IndeterminateWrite where the repost is not to be seen."""

    def __init__(self, page: Page, site: Site, reposted: Reposted, *, deadline: float) -> None:
        self._page = page
        self._site = site
        self._reposted = reposted
        self._deadline = deadline

    async def confirmation(self, named: PostUrn | None) -> Confirmation:
        """`named` is a post that the answer named: the repost, perhaps."""
        try:
            found = await self._found(named)
        except ProviderError as error:
            raise IndeterminateWrite(str(error), code=error.code) from error
        if found is None:
            raise IndeterminateWrite(
                "After the click the repost is not to be seen.", code="not_confirmed"
            )
        return found

    async def _found(self, named: PostUrn | None) -> Confirmation | None:
        """Its own page, where it is named and has one, shows all at once."""
        if named is not None and await self._opens(named):
            return Confirmation(evidence="opened", url=named.url)
        return await (self._of_text() if self._reposted.text else self._of_instant())

    async def _of_instant(self) -> Confirmation | None:
        before = self._reposted.before
        again = await read_post(
            self._page,
            before.path,
            urns=sorted(self._reposted.originals, key=str),
            site=self._site,
            deadline=self._deadline,
        )
        if again.state is PageState.READY:
            return None
        if again.state is not PageState.ALREADY_REPOSTED:
            raise again.error()
        return Confirmation(evidence="own_state", url=await self._listed_url())

    async def _of_text(self) -> Confirmation | None:
        listed = await self._listed_by(self._deadline)
        return None if listed is None else Confirmation(evidence="listed", url=listed.url)

    async def _opens(self, named: PostUrn) -> bool:
        """Whether its page shows this member's repost of this post, whatever its text became."""
        read = await read_post(
            self._page,
            named.path,
            urns=[named],
            site=self._site,
            deadline=self._deadline,
            control=False,
        )
        if read.post is None:
            return False
        shown = read.post.seen_by(read.members)
        same = repeats(shown, self._reposted.originals) is True
        return same and shown.authorship is Authorship.OWN

    async def _listed_url(self) -> str | None:
        """The address of a repost that is certain already: a detail, so its failure is none."""
        deadline = min(self._deadline, asyncio.get_running_loop().time() + _URL_SECONDS)
        try:
            listed = await self._listed_by(deadline)
        except ProviderError as error:
            _log.info("repost.url_not_found", code=error.code)
            return None
        return None if listed is None else listed.url

    async def _listed_by(self, deadline: float) -> ShownPost | None:
        own = await OwnActivityPage.open(self._page, site=self._site, deadline=deadline)
        done = self._reposted
        sought = Sought(originals=done.originals, since=done.since, texts=(done.text,))
        return own.sought(sought)[0]
