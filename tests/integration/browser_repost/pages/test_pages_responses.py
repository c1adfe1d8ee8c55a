"""What becomes of the irreversible click: refusals, lies, silence, and answers that are lost."""

import asyncio
from typing import NoReturn

import pytest
from playwright.async_api import Error as PlaywrightError

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType
from chorus_execution.port import AlreadyDoneError
from chorus_sandbox.world.faults import FaultKind
from chorus_sandbox.world.matching import Match
from tests.integration.browser_repost.pages.harness import (
    FRONT_ENDS,
    FrontEnd,
    Harness,
    now,
    permitted,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "Well said."
ASK_TWICE = """
  const ask = window.fetch;
  window.fetch = async (url, options) => {
    const answer = await ask(url, options);
    return options?.method === "POST" && !answer.ok ? ask(url, options) : answer;
  };
"""
GO_ASTRAY = """
  const ask = window.fetch;
  window.fetch = async (url, options) => {
    if (options?.method === "POST") {
      history.pushState({}, "", "/checkpoint/challenge/in-place");
      for (let frames = 0; frames < 5; frames++) await new Promise(requestAnimationFrame);
    }
    return ask(url, options);
  };
"""
WAYS = pytest.mark.parametrize("text", [None, TEXT])


async def failed(harness: Harness, text: str | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await harness.repost(text)
    return caught.value


@WAYS
@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_toast_that_lies_is_no_evidence(
    harness: Harness, front_end: FrontEnd, text: str | None
) -> None:
    """INVARIANT: success is what was read again, never what a toast says (P5)."""
    harness.post.front_end = front_end
    harness.fault("toast_lies")
    error = await failed(harness, text)
    assert isinstance(error, IndeterminateWrite)
    assert error.code == "not_confirmed"
    assert (harness.writes, harness.reposts) == (1, [])
    assert await harness.find_own_repost(text) is None


@WAYS
@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_missing_toast_is_no_failure(
    harness: Harness, front_end: FrontEnd, text: str | None
) -> None:
    """P5: the repost is there, and is found without the toast's help."""
    harness.post.front_end = front_end
    harness.fault("toast_missing")
    confirmation = await harness.repost(text)
    assert confirmation.evidence == "opened"
    assert confirmation.url is not None
    assert len(harness.reposts) == 1


@WAYS
@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "html_502"])
async def test_an_answer_that_is_lost_after_the_effect(
    harness: Harness, kind: FaultKind, text: str | None
) -> None:
    """INVARIANT: from the click on, what is unclear may have happened, and is found (E5)."""
    harness.be_impatient()
    harness.fault(kind, "repost", when="after")
    error = await failed(harness, text)
    assert isinstance(error, IndeterminateWrite)
    assert len(harness.reposts) == 1
    seen = await harness.find_own_repost(text)
    assert seen is not None
    assert seen.url is not None


@pytest.mark.parametrize("kind", ["timeout_before", "reset_before", "html_502"])
async def test_an_answer_that_is_lost_before_the_effect(harness: Harness, kind: FaultKind) -> None:
    """INVARIANT: nobody can tell, so nobody says that nothing happened (E5)."""
    harness.be_impatient()
    harness.fault(kind, "repost", times=-1)
    error = await failed(harness)
    assert isinstance(error, IndeterminateWrite)
    assert harness.reposts == []
    assert await harness.find_own_repost() is None


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_502"])
async def test_a_write_is_asked_for_once(
    harness: Harness, front_end: FrontEnd, kind: FaultKind
) -> None:
    """INVARIANT: one click, one request. Chromium by itself would send it again after a reset (E5).

    It does so on every connection that it has kept, with POST too.
    """
    harness.post.front_end = front_end
    for route in ("post_page", "action_bar"):
        harness.fault("delay", route, ms=1)
    when = "before" if kind == "reset_before" else "after"
    harness.fault(kind, "repost", when=when, times=-1)
    error = await failed(harness)
    assert isinstance(error, IndeterminateWrite)
    assert harness.writes == 1


async def test_a_page_that_asks_again_is_not_let_through(harness: Harness) -> None:
    """INVARIANT: a script that repeats its request after a failure does not repost twice (E5)."""
    await harness.page.add_init_script(ASK_TWICE)
    harness.fault("html_502", "repost", when="after")
    error = await failed(harness)
    assert isinstance(error, IndeterminateWrite)
    assert (harness.writes, len(harness.reposts)) == (1, 1)


@WAYS
@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_refusal_with_status_200(
    harness: Harness, front_end: FrontEnd, text: str | None
) -> None:
    """E6: a list of errors in a good answer is a refusal, and had no effect."""
    harness.post.front_end = front_end
    harness.fault("not_permitted", "repost")
    error = await failed(harness, text)
    assert isinstance(error, PermanentProviderError)
    assert error.error_type is ErrorType.PROFILE_BLOCKED
    assert harness.reposts == []


async def test_reposted_between_the_page_and_the_click(harness: Harness) -> None:
    """E5: the site says that it is done already."""
    harness.fault("already_reposted", "repost")
    assert isinstance(await failed(harness), AlreadyDoneError)


async def test_a_post_that_went_between_the_page_and_the_click(harness: Harness) -> None:
    """E6."""
    harness.fault("tombstone", "repost")
    error = await failed(harness)
    assert error.error_type is ErrorType.POST_NOT_FOUND


async def test_a_click_that_is_throttled(harness: Harness) -> None:
    """E6: 429 means that it was not done."""
    harness.fault("throttled", "repost", retry_after=9)
    error = await failed(harness)
    assert isinstance(error, TransientProviderError)
    assert (error.error_type, error.retry_after) == (ErrorType.RATE_LIMIT, 9)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("checkpoint", "checkpoint"), ("login", "signed_out"), ("bot_999", "http_999")],
)
async def test_a_click_that_is_turned_away(harness: Harness, kind: FaultKind, code: str) -> None:
    """E6: the click itself meets a challenge; nothing was done and the account stops."""
    harness.fault(kind, "repost")
    error = await failed(harness)
    assert isinstance(error, ChallengeError)
    assert error.code == code
    assert harness.reposts == []


async def test_a_page_that_goes_to_a_challenge_with_its_click(harness: Harness) -> None:
    """INVARIANT: stops at the first challenge: its request was called off and is not sent (E6)."""
    await harness.page.add_init_script(GO_ASTRAY)
    error = await failed(harness)
    assert isinstance(error, ChallengeError)
    assert (harness.writes, harness.reposts) == (0, [])


async def test_a_challenge_in_place_of_a_refused_post(harness: Harness) -> None:
    """INVARIANT: stops at the first challenge, also one that is met for the picture (E6)."""
    post = await harness.open()
    harness.fault("not_permitted", "repost")
    harness.fault("checkpoint", "post_page")
    with pytest.raises(ChallengeError) as caught:
        await post.repost(None, now=now(), permit=permitted)
    assert caught.value.code == "checkpoint"
    assert harness.reposts == []


async def test_a_challenge_on_the_way_to_the_evidence(harness: Harness) -> None:
    """E5: it happened, and cannot be seen now."""
    post = await harness.open()
    harness.fault("checkpoint", "post_page")
    with pytest.raises(IndeterminateWrite) as caught:
        await post.repost(None, now=now(), permit=permitted)
    assert caught.value.code == "checkpoint"
    assert len(harness.reposts) == 1


async def test_a_page_that_dies_during_the_click(harness: Harness) -> None:
    """INVARIANT: a browser that is lost after the click leaves the outcome open (E5)."""
    post = await harness.open()
    point = harness.server.sandbox.hold_points.add(match=Match(route="repost"), when="after")
    reposting = asyncio.create_task(post.repost(None, now=now(), permit=permitted))
    await point.wait_for(1)
    await harness.page.close()
    point.release()
    with pytest.raises(IndeterminateWrite):
        await reposting
    assert len(harness.reposts) == 1


async def test_a_page_that_dies_before_the_click(harness: Harness) -> None:
    """E6: nothing was done."""
    post = await harness.open()
    await harness.page.close()
    with pytest.raises(TransientProviderError) as caught:
        await post.repost(None, now=now(), permit=permitted)
    assert caught.value.code == "browser_lost"
    assert harness.reposts == []


async def test_no_click_without_time_to_see_what_becomes_of_it(harness: Harness) -> None:
    """INVARIANT: nothing irreversible is begun at the end of the time (E5)."""
    post = await harness.open(seconds=2.5)
    with pytest.raises(TransientProviderError) as caught:
        await post.repost(None, now=now(), permit=permitted)
    assert caught.value.code == "page_timeout"
    assert (harness.writes, harness.reposts) == (0, [])


async def test_a_visit_has_one_page_at_a_time(harness: Harness) -> None:
    """K4: when the request goes out, the page that asked for it is gone, scripts and memory."""
    post = await harness.open()
    asked_from, browser = harness.page, harness.page.context.browser
    assert browser is not None
    point = harness.server.sandbox.hold_points.add(match=Match(route="repost"), when="before")
    reposting = asyncio.create_task(post.repost(None, now=now(), permit=permitted))
    await point.wait_for(1)
    assert asked_from.is_closed()
    assert [context.pages for context in browser.contexts] == [[harness.page]]
    point.release()
    await reposting
    assert (harness.writes, len(harness.reposts)) == (1, 1)


async def test_a_page_that_cannot_be_renewed_has_sent_nothing(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: lost between the click and the request: nothing was sent (E5)."""
    post = await harness.open()

    async def lost() -> NoReturn:
        await harness.page.context.close()
        raise PlaywrightError("Browser has been closed")

    monkeypatch.setattr(harness.visit, "renew", lost)
    with pytest.raises(IndeterminateWrite) as caught:
        await post.repost(None, now=now(), permit=permitted)
    assert caught.value.code == "browser_lost"
    assert (harness.writes, harness.reposts) == (0, [])
