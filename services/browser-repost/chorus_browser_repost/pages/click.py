"""Clicks: those that can be taken back, and the one that cannot."""

import asyncio
from typing import Final

from playwright.async_api import Locator

from chorus_browser_repost.domain.page_states import error_of, of_path
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.click_response import ClickResponse, response_of
from chorus_browser_repost.pages.errors import (
    Failure,
    effectless,
    irreversible,
    milliseconds_until,
)
from chorus_browser_repost.pages.fresh_connection import LEAST_SECONDS, deliver
from chorus_browser_repost.pages.settling import choosing
from chorus_browser_repost.pages.single_write import SingleWrite, require_text
from chorus_browser_repost.pages.site import Site
from chorus_browser_repost.pages.visit import Visit
from chorus_execution.port import Permit

_FINDING_SECONDS: Final = 5.0
_PREPARING: Final = "Preparing the click"
_REPOSTING: Final = "Reposting"


async def click(control: Locator, *, doing: str, deadline: float) -> None:
    """Click what can be taken back: the only match, visible, enabled, with nothing over it.

    Raises ProviderErrors that mean: no effect.
    """
    await choosing(
        control.click(timeout=_patience(deadline)),
        page=control.page,
        doing=doing,
        deadline=deadline,
    )


async def press(
    visit: Visit, control: Locator, text: str, *, permit: Permit, site: Site, deadline: float
) -> ClickResponse:
    """The irreversible click, once. Before it everything is checked without clicking.

    The permit is asked for twice: before the click, since a page may do by it what is not foreseen,
    and before the request leaves, which is some time later. Raises ProviderErrors that mean no
    effect until then, and where the request was called off and is not sent: the page goes to a
    wall, or has made another text of it. Otherwise IndeterminateWrite from the click on.
    The visit goes on in another page, which has shown nothing yet.
    """
    page, now = visit.page, asyncio.get_running_loop().time
    write = SingleWrite(page)
    await effectless(write.begin(), doing=_PREPARING, deadline=deadline)
    await choosing(
        control.click(trial=True, timeout=_patience(deadline)),
        page=page,
        doing=_REPOSTING,
        deadline=deadline,
    )
    if deadline - now() < LEAST_SECONDS:
        raise Failure.LATE.without_effect(_REPOSTING)
    await permit()
    await irreversible(
        control.click(timeout=_patience(deadline)), doing=_REPOSTING, deadline=deadline
    )
    until = min(deadline, now() + site.answer)
    request, wall = await write.caught(until), of_path(path_of(page.url))
    if request is None:
        return response_of(None, wall)
    if wall is not None:
        raise error_of(wall)  # It was called off, and is not sent any more.
    require_text(request, text)
    delivered = await deliver(
        visit, request, permit=permit, doing=_REPOSTING, answer=site.answer, deadline=deadline
    )
    return response_of(delivered, wall)


def _patience(deadline: float) -> float:
    return min(_FINDING_SECONDS * 1000, milliseconds_until(deadline))
