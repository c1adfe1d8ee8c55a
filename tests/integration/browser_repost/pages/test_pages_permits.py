"""When the permit is asked for, and what becomes of a page when it is refused."""

from dataclasses import dataclass, field

import pytest

from chorus_browser_repost.pages import open_unreposted
from chorus_execution.port import AlreadyDoneError, NotPermitted
from tests.integration.browser_repost.pages.harness import (
    FRONT_ENDS,
    MEMBER,
    FrontEnd,
    Harness,
    now,
    permitted,
    soon,
)
from tests.integration.browser_repost.pages.test_pages_finding import repost_there

pytestmark = pytest.mark.asyncio(loop_scope="module")
WAYS = pytest.mark.parametrize("text", [None, "Well said."])


@dataclass(slots=True)
class CountingPermit:
    """A permit that notes how many requests the site had when it was asked for; `times` answers."""

    harness: Harness
    times: int
    requests: list[int] = field(default_factory=list)

    async def __call__(self) -> None:
        self.requests.append(requests(self.harness))
        if len(self.requests) > self.times:
            raise NotPermitted(None)


def requests(harness: Harness) -> int:
    counts = harness.server.sandbox.website.accounts[MEMBER]
    return sum(counts[what] for what in ("pages", "api", "writes"))


@WAYS
@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("times", [0, 1])
async def test_a_no_before_the_request_is_in_force(
    harness: Harness, front_end: FrontEnd, text: str | None, times: int
) -> None:
    """Finding B1: INVARIANT: refused before the click, or between click and request: not sent."""
    harness.post.front_end = front_end
    post = await harness.open()
    permit = CountingPermit(harness, times)
    with pytest.raises(NotPermitted):
        await post.repost(text, now=now(), permit=permit)
    assert len(permit.requests) == times + 1
    assert (harness.writes, harness.reposts) == (0, [])


@WAYS
async def test_nothing_is_asked_of_the_site_between_permit_and_request(
    harness: Harness, text: str | None
) -> None:
    """Finding B1: the last thing before the one request, after session, page, menu and text."""
    post = await harness.open()
    permit = CountingPermit(harness, 2)
    harness.fault("reset_after", "repost")
    harness.be_impatient()
    with pytest.raises(Exception, match="No answer"):
        await post.repost(text, now=now(), permit=permit)
    assert requests(harness) == permit.requests[-1] + 1
    assert (harness.writes, len(harness.reposts)) == (1, 1)


@WAYS
@pytest.mark.parametrize("before", ["", "What the member thought of it by himself."])
async def test_a_repost_from_before_is_not_doubled(
    harness: Harness, text: str | None, before: str
) -> None:
    """Finding A9: INVARIANT: with words or without, the member's own repost is the repost."""
    repost_there(harness, before)
    with pytest.raises(AlreadyDoneError):
        await open_unreposted(
            harness.visit, harness.post.share_url, site=harness.site, deadline=soon(30)
        )
    assert harness.writes == 0


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_line_breaks_are_as_they_were_typed(harness: Harness, front_end: FrontEnd) -> None:
    """Finding E13: neither multiplied by the editor nor lost."""
    harness.post.front_end = front_end
    text = "One.\nTwo.\n\nThree - 100 %.\n\n\nFour."
    await harness.repost(text)
    assert [each.text for each in harness.reposts] == [text]


async def test_a_text_that_the_page_changes_is_not_sent(harness: Harness) -> None:
    """Finding E13: INVARIANT: what was approved is what leaves, or nothing does."""
    await harness.page.add_init_script(MULTIPLIES)
    post = await harness.open()
    with pytest.raises(Exception, match="another text"):
        await post.repost("One.\nTwo.", now=now(), permit=permitted)
    assert (harness.writes, harness.reposts) == (0, [])


MULTIPLIES = """
  const ask = window.fetch;
  window.fetch = (url, options) => ask(url, options?.body
    ? { ...options, body: options.body.replaceAll("\\\\n", "\\\\n\\\\n") } : options);
"""
