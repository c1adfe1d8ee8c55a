"""Every state that a post's page may be in, in a real browser, and the error that it becomes."""

from typing import Any, cast

import pytest

from chorus.errors import (
    ChallengeError,
    IndeterminateWrite,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType
from chorus_browser_repost.pages import PostPage
from chorus_browser_repost.pool.context import EphemeralContext
from chorus_browser_repost.pool.options import ContextOptions
from chorus_execution.port import AlreadyDoneError
from chorus_sandbox.world.faults import FaultKind
from tests.integration.browser_repost.pages.harness import (
    FRONT_ENDS,
    FrontEnd,
    Harness,
    now,
    permitted,
    soon,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(harness: Harness) -> ProviderError:
    """The error of a repost that did not come to be; nothing was asked of the site."""
    with pytest.raises(ProviderError) as caught:
        await harness.repost()
    assert not isinstance(caught.value, IndeterminateWrite)
    assert caught.value.__context__ is None or isinstance(caught.value.__context__, ProviderError)
    assert (harness.writes, harness.reposts) == (0, [])
    return caught.value


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("checkpoint", "checkpoint"),
        ("checkpoint_in_place", "checkpoint"),
        ("authwall", "auth_wall"),
        ("login", "signed_out"),
        ("bot_999", "http_999"),
    ],
)
async def test_what_stops_an_account(harness: Harness, kind: FaultKind, code: str) -> None:
    """INVARIANT: a challenge, wall, lost session or 999 needs the account's person (E6)."""
    harness.fault(kind, "post_page")
    error = await refused(harness)
    assert isinstance(error, ChallengeError)
    assert error.code == code
    stop = ErrorType.PROFILE_BLOCKED if code == "http_999" else ErrorType.AUTH_ERROR
    assert error.error_type is stop


async def test_a_challenge_that_the_page_goes_to_by_itself(harness: Harness) -> None:
    """E6: the page was there, and its scripts are sent to the checkpoint."""
    harness.fault("checkpoint", "action_bar")
    error = await refused(harness)
    assert isinstance(error, ChallengeError)
    assert error.code == "checkpoint"


async def test_another_user_agent_than_the_session_s_ends_it(harness: Harness) -> None:
    """P6: sessions are tied to their user agent."""
    browser = harness.page.context.browser
    assert browser is not None
    cookies = cast("Any", await harness.page.context.cookies())
    options = ContextOptions(user_agent="Mozilla/5.0 (another browser)", cookies=cookies)
    other = await EphemeralContext.open(browser, options, blocked_urls=())
    with pytest.raises(ChallengeError) as caught:
        await PostPage.open(other, harness.post.share_url, site=harness.site, deadline=soon(10))
    await other.close(10)
    assert caught.value.code == "signed_out"


@pytest.mark.parametrize("values", [{"retry_after": 7}, {}])
async def test_throttled(harness: Harness, values: dict[str, int]) -> None:
    """E6: 429, with and without a wait that the site asks for."""
    harness.fault("throttled", "post_page", **values)
    error = await refused(harness)
    assert isinstance(error, TransientProviderError)
    assert error.error_type is ErrorType.RATE_LIMIT
    assert error.retry_after == values.get("retry_after")


async def test_service_unavailable(harness: Harness) -> None:
    """E6: 503."""
    harness.member.web_state = "unavailable"
    error = await refused(harness)
    assert error.error_type is ErrorType.RATE_LIMIT


@pytest.mark.parametrize("route", ["post_page", "action_bar"])
async def test_a_server_s_error(harness: Harness, route: str) -> None:
    """E6: of the page itself, or of what its scripts ask for: no changed layout."""
    harness.be_impatient()
    harness.fault("html_502", route)
    error = await refused(harness)
    assert isinstance(error, TransientProviderError)
    assert (error.error_type, error.code) == (ErrorType.NETWORK_ERROR, "server_error")


@pytest.mark.parametrize("kind", ["reset_before", "timeout_before"])
async def test_a_page_that_does_not_come(harness: Harness, kind: FaultKind) -> None:
    """E6: nothing was done, so it may simply be tried again."""
    harness.fault(kind, "post_page", times=-1)
    with pytest.raises(TransientProviderError) as caught:
        await harness.open(seconds=1.5)
    assert caught.value.error_type is ErrorType.NETWORK_ERROR


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_slow_page_is_waited_for(harness: Harness, front_end: FrontEnd) -> None:
    """P5, finding D17: the action bar is built by a script after a call that takes a while."""
    harness.post.front_end = front_end
    harness.fault("delay", "post_page", ms=400)
    harness.fault("delay", "action_bar", ms=800)
    await harness.repost()
    assert len(harness.reposts) == 1


async def test_a_tombstone(harness: Harness) -> None:
    """E6."""
    harness.post.gone = True
    error = await refused(harness)
    assert error.error_type is ErrorType.POST_NOT_FOUND


async def test_another_form_of_the_address_where_one_is_a_tombstone(harness: Harness) -> None:
    """P5: the share's permalink is not displayed, the activity's is."""
    harness.post.tombstone_forms = frozenset({"share", "ugcPost"})
    share, activity = (harness.post.numbers.urn(form) for form in ("share", "activity"))
    url = f"https://www.linkedin.com/feed/update/{share}/"
    with pytest.raises(PermanentProviderError) as caught:
        await harness.open(url)
    assert caught.value.code == "post_not_found"
    harness.post.tombstone_forms = frozenset({"activity"})
    post = await harness.open(url, activity)
    assert not post.already_reposted


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("form", ["share", "ugcPost"])
async def test_the_post_behind_another_form_of_its_address(
    harness: Harness, front_end: FrontEnd, form: str
) -> None:
    """P5: the page names the post by its activity, whatever the address says."""
    harness.post.front_end = front_end
    urn = harness.post.numbers.urn("share" if form == "share" else "ugcPost")
    post = await harness.open(f"https://www.linkedin.com/feed/update/{urn}/?utm_source=x")
    assert str(post.post) == harness.post.numbers.urn("activity")
    assert urn in {str(each) for each in post.originals}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_post_that_may_not_be_reposted(harness: Harness, front_end: FrontEnd) -> None:
    """E6: no control at all, or one that is disabled."""
    harness.post.front_end = front_end
    harness.post.permissions.can_share = False
    error = await refused(harness)
    assert isinstance(error, PermanentProviderError)
    assert error.error_type is ErrorType.PROFILE_BLOCKED


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_already_reposted(harness: Harness, front_end: FrontEnd) -> None:
    """INVARIANT: what the member has reposted is not reposted again (E5)."""
    harness.post.front_end = front_end
    await harness.repost()
    post = await harness.open()
    assert post.already_reposted
    for text in (None, "Once more."):
        with pytest.raises(AlreadyDoneError):
            await post.repost(text, now=now(), permit=permitted)
    assert len(harness.reposts) == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("kind", ["layout_changed", "blank"])
async def test_a_changed_layout(harness: Harness, front_end: FrontEnd, kind: FaultKind) -> None:
    """INVARIANT: what is not recognised is not clicked (E6 `api_error`)."""
    harness.post.front_end = front_end
    harness.fault(kind, "post_page", times=-1)
    error = await refused(harness)
    assert isinstance(error, PermanentProviderError)
    assert (error.error_type, error.code) == (ErrorType.API_ERROR, "layout_changed")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_page_that_came_empty_once(harness: Harness, front_end: FrontEnd) -> None:
    """P11: a page without a post is loaded again before its layout counts as changed."""
    harness.post.front_end = front_end
    harness.fault("blank", "post_page")
    await harness.repost()
    assert len(harness.reposts) == 1


async def test_an_address_without_an_id(harness: Harness) -> None:
    """E6: nothing is opened."""
    with pytest.raises(PermanentProviderError) as caught:
        await harness.open("https://www.linkedin.com/feed/")
    assert caught.value.error_type is ErrorType.POST_NOT_FOUND
    assert harness.page.url == "about:blank"
