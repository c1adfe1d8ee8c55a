"""The page of one post, in either front end, and reposting it."""

from datetime import datetime
from typing import Final, Self

import structlog
from playwright.async_api import Page

from chorus.errors import ChallengeError, PermanentProviderError, ProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import PageState
from chorus_browser_repost.domain.post_urls import PostUrn, permalinks
from chorus_browser_repost.pages.click import press
from chorus_browser_repost.pages.click_response import ClickResponse, problem_of
from chorus_browser_repost.pages.confirm_repost import Confirmation, Confirming, Reposted
from chorus_browser_repost.pages.post_reading import PostReading, read_post
from chorus_browser_repost.pages.repost_menu import RepostMenu
from chorus_browser_repost.pages.site import Site, blank
from chorus_browser_repost.pages.visit import Visit
from chorus_browser_repost.pages.wording import tidy, wording_of
from chorus_execution.port import AlreadyDoneError, Permit

_OPEN: Final = frozenset({PageState.READY, PageState.ALREADY_REPOSTED})
_LOADS: Final = 2

_log = structlog.get_logger()


class PostPage:
    """An open post that the member may repost, or has reposted.

    `deadline` is an instant of the loop's clock and covers everything that is done with it.
    """

    def __init__(
        self, visit: Visit, reading: PostReading, post: PostUrn, *, site: Site, deadline: float
    ) -> None:
        self._visit = visit
        self._reading = reading
        self._post = post
        self._site = site
        self._deadline = deadline

    @classmethod
    async def open(cls, visit: Visit, url: str, *known: str, site: Site, deadline: float) -> Self:
        """Open the post behind an address. `known` are further ids or addresses of it.

        Raises ProviderErrors that mean no effect: those of the page states, and network errors.
        """
        reading = await _first_shown(visit.page, url, known, site, deadline)
        if reading.state not in _OPEN or reading.post is None:
            raise reading.error()
        return cls(visit, reading, reading.post.urn, site=site, deadline=deadline)

    @property
    def already_reposted(self) -> bool:
        return self._reading.state is PageState.ALREADY_REPOSTED

    @property
    def post(self) -> PostUrn:
        """The post's id in the form that its page uses."""
        return self._post

    @property
    def originals(self) -> frozenset[PostUrn]:
        """Every id under which a repost may name this post."""
        asked = PostUrn.parse(self._reading.path)
        return frozenset(urn for urn in (self._post, asked) if urn is not None)

    async def repost(self, text: str | None, *, now: datetime, permit: Permit) -> Confirmation:
        """Repost with a text of one's own, or instantly, and return with evidence.

        `permit` is asked for when all is ready; what it raises passes, and nothing was done.

        Raises IndeterminateWrite when it may have happened, AlreadyDoneError when the account had
        reposted the post before, and any other ProviderError only when it did not happen.
        """
        if self.already_reposted:
            raise AlreadyDoneError(
                "The account has reposted this post already.", code="already_reposted"
            )
        words, own = wording_of(self._reading.language), (text or "").strip()
        menu = await RepostMenu.open(self._visit.page, self._post, words, deadline=self._deadline)
        control = await (await menu.compose()).write(own) if own else menu.instant()
        answer = await press(
            self._visit, control, own, permit=permit, site=self._site, deadline=self._deadline
        )
        problem = problem_of(answer, words)
        if problem is not None:
            raise await self._shown(problem)
        reposted = Reposted(
            before=self._reading, originals=self.originals, text=tidy(own), since=now
        )
        confirming = Confirming(self._visit.page, self._site, reposted, deadline=self._deadline)
        return await confirming.confirmation(_newly_named(answer, reposted))

    async def _shown(self, problem: ProviderError) -> ProviderError:
        """The problem, with the page, from which only the request was sent, showing what a picture
        of it may show.

        After a refusal that is the post as it is now; a challenge that is met in its place counts
        instead. Nothing after a wall, which asks for no more visits, nor when the answer was
        unclear, which is looked into later.
        """
        try:
            if not _refused(problem):
                await blank(self._visit.page, deadline=self._deadline)
                return problem
            again = await read_post(
                self._visit.page,
                self._reading.path,
                urns=[self._post],
                site=self._site,
                deadline=self._deadline,
            )
        except ProviderError as error:
            _log.info("problem.not_shown", code=error.code)
            return problem
        met = problem if again.state in _OPEN else again.error()
        return met if isinstance(met, ChallengeError) else problem


def _refused(problem: ProviderError) -> bool:
    """Whether the site turned down this repost, and neither the account nor a second repost."""
    if isinstance(problem, ChallengeError | AlreadyDoneError):
        return False
    return isinstance(problem, PermanentProviderError)


def _newly_named(answer: ClickResponse, reposted: Reposted) -> PostUrn | None:
    """What the answer names besides the original: the repost's own id, where it tells."""
    return next((urn for urn in answer.named if urn not in reposted.originals), None)


def _empty(reading: PostReading) -> bool:
    """No post, no wall, no error: such a page may have come half, so it is loaded again."""
    shown = reading.post is not None or (reading.status or 0) >= 400
    return reading.state is PageState.LAYOUT_CHANGED and not shown


async def _first_shown(
    page: Page, url: str, known: tuple[str, ...], site: Site, deadline: float
) -> PostReading:
    """What the first permalink that is no tombstone shows; the last one's tombstone otherwise."""
    urns = [urn for urn in map(PostUrn.parse, (url, *known)) if urn is not None]
    reading: PostReading | None = None
    for path in permalinks(url, *known):
        for _ in range(_LOADS):
            reading = await read_post(page, path, urns=urns, site=site, deadline=deadline)
            if not _empty(reading):
                break
        if reading is not None and reading.state is not PageState.TOMBSTONE:
            return reading
    if reading is None:
        raise PermanentProviderError(
            "The post's address holds no id of a post.",
            error_type=ErrorType.POST_NOT_FOUND,
            code="no_post_id_in_url",
        )
    return reading
