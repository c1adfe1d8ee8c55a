"""How a repost is done in a browser, and how one is found again. See `chorus_execution.port.Acts`.

Until the click nothing has happened; from then on whatever is unclear is an IndeterminateWrite. A
browser that dies tells neither, so that once the permit was given its death counts as unclear.
"""

import asyncio
from dataclasses import dataclass

from chorus.clock import Clock
from chorus.errors import (
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.events import ActivityDue, CallResult, PostTarget
from chorus.vocabulary import ErrorType, Kind, Platform
from chorus_browser_repost.domain.own_reposts import Sought
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.failure_screenshots import FailureScreenshots
from chorus_browser_repost.pages import find_own_repost, open_unreposted
from chorus_browser_repost.pool.errors import BrowserError
from chorus_browser_repost.visits import Visits
from chorus_execution.domain.outcomes import Wording
from chorus_execution.port import (
    ABSENT,
    Accomplished,
    Baseline,
    Done,
    EffectMarks,
    Found,
    Permit,
    Sighting,
)

_FOR_EVIDENCE = 4.0
"""Seconds at the end of a deadline that are kept for a picture of what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reposted(Done):
    """`url` is the repost's own, where LinkedIn tells it."""

    url: str | None = None


class _TrackedPermit:
    """A permit that remembers whether it was given."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit
        self.given = False

    async def __call__(self) -> None:
        await self._permit()
        self.given = True


class BrowserActs:
    """`target` is the post's address."""

    def __init__(
        self,
        visits: Visits,
        screenshots: FailureScreenshots,
        clock: Clock,
        *,
        look_seconds: float = 20.0,
    ) -> None:
        self._visits = visits
        self._screenshots = screenshots
        self._clock = clock
        self._look_seconds = look_seconds

    async def target(self, command: ActivityDue, *, deadline: float) -> str:  # noqa: ARG002
        """See Acts. Asks nobody."""
        if command.kind is not Kind.REPOST:
            raise _refusal(f"No browser carries out {command.kind}.", "kind_not_supported")
        if command.platform is not Platform.LINKEDIN:
            raise _refusal(f"No browser reposts on {command.platform}.", "not_provided")
        post = command.target
        if not isinstance(post, PostTarget):
            raise _refusal("A browser reposts posts alone.", "target_not_supported")
        known = post.social_id
        urn = None if known is None else PostUrn.parse(known)
        address = post.url or (None if urn is None else urn.url)
        if address is None:
            raise _refusal("The command names no post.", "no_target", ErrorType.POST_NOT_FOUND)
        return address

    async def write(
        self,
        command: ActivityDue,
        target: str,
        text: str,
        *,
        deadline: float,
        baseline: Baseline,  # noqa: ARG002
        permit: Permit,
    ) -> Done:
        """Repost with evidence that it stands there."""
        for_pages = _shortened(deadline)
        tracked = _TrackedPermit(permit)
        try:
            async with (
                self._visits.visit(command, deadline=deadline) as visit,
                self._screenshots.of(visit, command),
            ):
                post = await open_unreposted(
                    visit, target, *_known(command), site=self._visits.site, deadline=for_pages
                )
                seen = await post.repost(text or None, now=self._clock.now(), permit=tracked)
        except BrowserError as error:
            raise (_unclear if tracked.given else _passing)(error) from error
        return Reposted(id=_id_in(seen.url), url=seen.url, answer=f"evidence: {seen.evidence}")

    async def find_effect(self, command: ActivityDue, target: str, marks: EffectMarks) -> Sighting:
        """Whether our repost stands there, seen with the member's own eyes."""
        deadline = asyncio.get_running_loop().time() + self._look_seconds
        sought = Sought(
            originals=frozenset(),
            since=marks.since,
            texts=marks.texts or (command.text or "",),
            claimed=marks.claimed,
        )
        try:
            async with (
                self._visits.visit(command, deadline=deadline) as visit,
                self._screenshots.of(visit, command),
            ):
                seen = await find_own_repost(
                    visit,
                    target,
                    *_known(command),
                    sought=sought,
                    site=self._visits.site,
                    deadline=_shortened(deadline),
                )
        except BrowserError as error:
            raise _passing(error) from error
        return ABSENT if seen is None else Found(id=_id_in(seen.url), url=seen.url)

    async def complete(
        self,
        command: ActivityDue,  # noqa: ARG002
        target: str,  # noqa: ARG002
        wording: Wording,  # noqa: ARG002
        done: Done,
        marks: EffectMarks,  # noqa: ARG002
    ) -> Accomplished:
        """The write has looked already."""
        url = done.url if isinstance(done, Reposted) else None
        return Accomplished(result=CallResult(provider_id=done.id, url=url, answer=done.answer))

    async def describe(
        self,
        command: ActivityDue,  # noqa: ARG002
        target: str,  # noqa: ARG002
        found: Found,
    ) -> Accomplished:
        """What the look gave."""
        return Accomplished(result=CallResult(provider_id=found.id, url=found.url))


def _known(command: ActivityDue) -> tuple[str, ...]:
    post = command.target
    if not isinstance(post, PostTarget) or post.social_id is None:
        return ()
    return (post.social_id,)


def _id_in(url: str | None) -> str | None:
    urn = None if url is None else PostUrn.parse(url)
    return None if urn is None else str(urn)


def _shortened(deadline: float) -> float:
    left = deadline - asyncio.get_running_loop().time()
    return deadline - min(_FOR_EVIDENCE, left / 5)


def _unclear(error: BrowserError) -> ProviderError:
    return IndeterminateWrite(str(error), code="browser_lost")


def _passing(error: BrowserError) -> ProviderError:
    return TransientProviderError(
        str(error), error_type=ErrorType.NETWORK_ERROR, code="browser_lost"
    )


def _refusal(
    why: str, code: str, error_type: ErrorType = ErrorType.API_ERROR
) -> PermanentProviderError:
    return PermanentProviderError(why, error_type=error_type, code=code)
