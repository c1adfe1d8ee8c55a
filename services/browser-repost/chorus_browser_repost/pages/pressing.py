"""Clicks: those that can be taken back, and the one that cannot."""

import asyncio
from typing import Final

from playwright.async_api import Locator, Page

from chorus.errors import IndeterminateWrite, ProviderError
from chorus_browser_repost.domain.page_states import of_path
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.pages.answers import Answer
from chorus_browser_repost.pages.errors import (
    Failure,
    choosing,
    irreversible,
    milliseconds_until,
)
from chorus_browser_repost.pages.site import Site
from chorus_browser_repost.pages.toast import Toast
from chorus_browser_repost.pages.write_watch import WriteWatch

_FINDING_SECONDS: Final = 5.0
_LEAST_SECONDS: Final = 3.0
"""Nothing irreversible is begun with less time than this to see what becomes of it."""
_GRACE_SECONDS: Final = 0.7
"""How long a toast may follow the answer that it tells of."""
_GLANCE_SECONDS: Final = 0.2
_REPOSTING: Final = "Reposting"


async def click(control: Locator, *, doing: str, deadline: float) -> None:
    """Click what can be taken back: the only match, visible, enabled, with nothing over it.

    Raises ProviderErrors that mean: no effect.
    """
    await choosing(control.click(timeout=_patience(deadline)), doing=doing, deadline=deadline)


async def press(page: Page, control: Locator, *, site: Site, deadline: float) -> Answer:
    """The irreversible click, once. Before it everything is checked without clicking.

    Until then raises ProviderErrors that mean no effect; from the click on, IndeterminateWrite.
    """
    await choosing(
        control.click(trial=True, timeout=_patience(deadline)), doing=_REPOSTING, deadline=deadline
    )
    now = asyncio.get_running_loop().time
    if deadline - now() < _LEAST_SECONDS:
        raise Failure.LATE.without_effect(_REPOSTING)
    with WriteWatch(page) as watch:
        await irreversible(
            control.click(timeout=_patience(deadline)), doing=_REPOSTING, deadline=deadline
        )
        try:
            toast = await _toast(page, watch, min(deadline, now() + site.answer))
            refused = await watch.refused() if toast is None or toast.failed else False
        except ProviderError as error:
            raise IndeterminateWrite(str(error), code=error.code) from error
        return Answer(
            toast=toast,
            refused=refused,
            status=watch.status,
            retry_after=watch.retry_after,
            wall=of_path(path_of(page.url)),
        )


async def _toast(page: Page, watch: WriteWatch, until: float) -> Toast | None:
    """What the page says. None: it says nothing, although there was an answer, or time for one."""
    now = asyncio.get_running_loop().time
    while now() < until:
        toast = await Toast.shown(page, seconds=_GLANCE_SECONDS, deadline=until + 1)
        if toast is not None or of_path(path_of(page.url)) is not None:
            return toast
        if watch.ended_at is not None and now() > watch.ended_at + _GRACE_SECONDS:
            return None
    return None


def _patience(deadline: float) -> float:
    return min(_FINDING_SECONDS * 1000, milliseconds_until(deadline))
