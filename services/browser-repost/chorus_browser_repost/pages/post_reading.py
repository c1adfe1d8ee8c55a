"""What the page that stands for a post turns out to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page

from chorus.errors import ProviderError
from chorus_browser_repost.domain.page_states import Marks, PageState, classify, error_of
from chorus_browser_repost.domain.post_urls import PostUrn
from chorus_browser_repost.pages.scripts import Read
from chorus_browser_repost.pages.settling import read_at_rest
from chorus_browser_repost.pages.shown_post import ShownPost
from chorus_browser_repost.pages.site import Arrival, Site, arrive

_OPENING: Final = "Opening the post"
_PATIENCE_OF_ERRORS: Final = 0.3
"""Of a page whose status is an error only walls are to be read."""
_DECIDED: Final = frozenset({PageState.BOT_FLAG, PageState.THROTTLED})
_OF_WHOLE_PAGES: Final = frozenset({PageState.LAYOUT_CHANGED, PageState.NOT_PERMITTED})
"""What is told by something that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReading:
    """`path` is where the page ended; `members` what the page calls the one who is signed in."""

    state: PageState
    path: str
    post: ShownPost | None = None
    language: str = "en"
    members: tuple[str, ...] = ()
    retry_after: float | None = None
    status: int | None = None

    def error(self) -> ProviderError:
        """What the state stands for; of another error status its number is the code."""
        odd = self.state is PageState.LAYOUT_CHANGED and (self.status or 0) >= 400
        return error_of(
            self.state, code=f"http_{self.status}" if odd else None, retry_after=self.retry_after
        )


async def read_post(
    page: Page,
    path: str,
    *,
    urns: Sequence[PostUrn],
    site: Site,
    deadline: float,
    control: bool = True,
) -> PostReading:
    """Open a path and tell what is there. Raises ProviderErrors only where nothing can be told.

    `control`: wait for the repost control; without it for whose the post is and what it repeats,
    and the state is LAYOUT_CHANGED even of a post.
    """
    arrival = await arrive(page, site.address(path), doing=_OPENING, deadline=deadline)
    told = classify(arrival.path, arrival.status, Marks(post=True, control="ready"))
    if told in _DECIDED:
        return _reading(arrival, told)
    asked = PostUrn.parse(path)
    read = await read_at_rest(
        page,
        "post",
        doing="Reading the post",
        deadline=deadline,
        unclear=lambda read: (
            _plain_state(arrival, read) in _OF_WHOLE_PAGES if control else not _attributed(read)
        ),
        patience=site.patience if (arrival.status or 0) < 400 else _PATIENCE_OF_ERRORS,
        settling=site.settling * 1000,
        urns=[str(urn) for urn in urns],
        any=asked is not None and asked.form != "activity",
        control=control,
    )
    return _reading(arrival, _state(arrival, read), read)


def _attributed(read: Read) -> bool:
    """Whether the page shows whose the post is, to whom, and of what it is a repost. Each may come
    later than the post itself.
    """
    post = read["post"]
    if post is None or not read["members"]:
        return False
    return bool(post["author"] or post["header"]) and bool(post["originals"])


def _state(arrival: Arrival, read: Read) -> PageState:
    """A page whose own calls failed, or that is not at rest yet, is not a changed one."""
    state = _plain_state(arrival, read)
    if state is PageState.LAYOUT_CHANGED and read["broken"]:
        return PageState.SERVER_ERROR
    return PageState.SLOW if state in _OF_WHOLE_PAGES and not read["settled"] else state


def _plain_state(arrival: Arrival, read: Read) -> PageState:
    marks = Marks(
        challenge=read["challenge"],
        sign_in=read["sign_in"],
        tombstone=read["tombstone"],
        post=read["post"] is not None,
        control=read["control"],
    )
    return classify(read["path"], arrival.status_at(read["path"]), marks)


def _reading(arrival: Arrival, state: PageState, read: Read | None = None) -> PostReading:
    if read is None:
        return PostReading(
            state=state, path=arrival.path, retry_after=arrival.retry_after, status=arrival.status
        )
    return PostReading(
        state=state,
        path=read["path"],
        post=None if read["post"] is None else ShownPost.of(read["post"]),
        language=read["language"],
        members=tuple(read["members"]),
        retry_after=arrival.retry_after,
        status=arrival.status,
    )
