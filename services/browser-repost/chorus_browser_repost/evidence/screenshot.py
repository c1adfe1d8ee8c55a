"""A picture of a failure: bounded in time and size, the session's data masked, never an error.

The page is changed for it (texts replaced, fields hidden), so it is the last use of a page.
"""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from playwright.async_api import CDPSession, Frame, Page

from chorus_browser_repost.domain.page_states import PageState, of_path
from chorus_browser_repost.domain.post_urls import path_of
from chorus_browser_repost.evidence.masking import masked
from chorus_browser_repost.pages import selectors

MAX_BYTES: Final = 200 * 1024
CONTENT_TYPE: Final = "image/jpeg"
_QUALITIES: Final = (70, 45, 25, 10)
_MAX_TEXT: Final = 300

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`image` is a JPEG of at most MAX_BYTES. `path` has no query, `title` is masked.

    `state` is what the page was taken for, a PageState or another error's code.
    """

    image: bytes = field(repr=False)
    path: str
    title: str
    state: str
    content_type: str = CONTENT_TYPE


async def take(
    page: Page, *, state: PageState | str, names: Sequence[str] = (), seconds: float = 3.0
) -> Evidence | None:
    """The picture of what the page shows now. `names` are further words to hide.

    None where there is none to be had in time. Raises nothing but a cancellation: a picture must
    not stand in the way of the failure that it shows.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _taken(page, str(state), names)
    except Exception as error:  # noqa: BLE001 - a lost picture is no reason to lose the outcome
        _log.info("evidence.failed", error_class=type(error).__name__)
        return None


async def _taken(page: Page, state: str, names: Sequence[str]) -> Evidence | None:
    path, title = _shown_path(page.url), await page.title()
    # Every frame, those of other sites too: what cannot be masked is not pictured.
    found = await asyncio.gather(*(_masked_frame(frame, names) for frame in page.frames))
    client = await page.context.new_cdp_session(page)
    try:
        image = await _small_enough(client)
    finally:
        await client.detach()
    if image is None:
        return None
    hidden = [*names, *(name for each in found for name in each)]
    return Evidence(image=image, path=path, title=_shown(title, hidden), state=state)


async def _masked_frame(frame: Frame, names: Sequence[str]) -> list[str]:
    arg = {"names": list(names), "hide": selectors.PRIVATE, "members": selectors.NAMES}
    found: list[str] = await frame.evaluate(_script(), arg)
    return found


async def _small_enough(client: CDPSession) -> bytes | None:
    # Not page.screenshot(): that waits for fonts, which may never come.
    for quality in _QUALITIES:
        answer = await client.send("Page.captureScreenshot", {"format": "jpeg", "quality": quality})
        image = base64.b64decode(answer["data"])
        if len(image) <= MAX_BYTES:
            return image
    return None


def _shown_path(url: str) -> str:
    """Of a checkpoint only what kind it is: the rest of such a path is a token."""
    path = path_of(url)
    return "/".join(path.split("/")[:3]) if of_path(path) is not None else path[:_MAX_TEXT]


def _shown(text: str, names: Sequence[str]) -> str:
    return masked(text, names)[:_MAX_TEXT]


@cache
def _script() -> str:
    return Path(__file__).with_name("masking.js").read_text(encoding="utf-8")
