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
from tests.integration.browser_repost.pages.ground import (
    FRONT_ENDS,
    FrontEnd,
    Ground,
    now,
    permitted,
    soon,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(ground: Ground) -> ProviderError:
    """The error of a repost that did not come to be; nothing was asked of the site."""
    with pytest.raises(ProviderError) as caught:
        await ground.repost()
    assert not isinstance(caught.value, IndeterminateWrite)
    assert caught.value.__context__ is None or isinstance(caught.value.__context__, ProviderError)
    assert (ground.writes, ground.reposts) == (0, [])
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
async def test_what_stops_an_account(ground: Ground, kind: FaultKind, code: str) -> None:
    """INVARIANT: a challenge, wall, lost session or 999 needs the account's person (E6)."""
    ground.fault(kind, "post_page")
    error = await refused(ground)
    assert isinstance(error, ChallengeError)
    assert error.code == code
    stop = ErrorType.PROFILE_BLOCKED if code == "http_999" else ErrorType.AUTH_ERROR
    assert error.error_type is stop


async def test_a_challenge_that_the_page_goes_to_by_itself(ground: Ground) -> None:
    """E6: the page was there, and its scripts are sent to the checkpoint."""
    ground.fault("checkpoint", "action_bar")
    error = await refused(ground)
    assert isinstance(error, ChallengeError)
    assert error.code == "checkpoint"


async def test_another_user_agent_than_the_session_s_ends_it(ground: Ground) -> None:
    """P6: sessions are tied to their user agent."""
    browser = ground.page.context.browser
    assert browser is not None
    cookies = cast("Any", await ground.page.context.cookies())
    options = ContextOptions(user_agent="Mozilla/5.0 (another browser)", cookies=cookies)
    other = await EphemeralContext.open(browser, options, blocked_urls=())
    with pytest.raises(ChallengeError) as caught:
        await PostPage.open(other, ground.post.share_url, site=ground.site, deadline=soon(10))
    await other.close(10)
    assert caught.value.code == "signed_out"


@pytest.mark.parametrize("values", [{"retry_after": 7}, {}])
async def test_throttled(ground: Ground, values: dict[str, int]) -> None:
    """E6: 429, with and without a wait that the site asks for."""
    ground.fault("throttled", "post_page", **values)
    error = await refused(ground)
    assert isinstance(error, TransientProviderError)
    assert error.error_type is ErrorType.RATE_LIMIT
    assert error.retry_after == values.get("retry_after")


async def test_service_unavailable(ground: Ground) -> None:
    """E6: 503."""
    ground.member.web_state = "unavailable"
    error = await refused(ground)
    assert error.error_type is ErrorType.RATE_LIMIT


@pytest.mark.parametrize("route", ["post_page", "action_bar"])
async def test_a_server_s_error(ground: Ground, route: str) -> None:
    """E6: of the page itself, or of what its scripts ask for: no changed layout."""
    ground.be_impatient()
    ground.fault("html_502", route)
    error = await refused(ground)
    assert isinstance(error, TransientProviderError)
    assert (error.error_type, error.code) == (ErrorType.NETWORK_ERROR, "server_error")


@pytest.mark.parametrize("kind", ["reset_before", "timeout_before"])
async def test_a_page_that_does_not_come(ground: Ground, kind: FaultKind) -> None:
    """E6: nothing was done, so it may simply be tried again."""
    ground.fault(kind, "post_page", times=-1)
    with pytest.raises(TransientProviderError) as caught:
        await ground.open(seconds=1.5)
    assert caught.value.error_type is ErrorType.NETWORK_ERROR


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_slow_page_is_waited_for(ground: Ground, front_end: FrontEnd) -> None:
    """P5, finding D17: the action bar is built by a script after a call that takes a while."""
    ground.post.front_end = front_end
    ground.fault("delay", "post_page", ms=400)
    ground.fault("delay", "action_bar", ms=800)
    await ground.repost()
    assert len(ground.reposts) == 1


async def test_a_tombstone(ground: Ground) -> None:
    """E6."""
    ground.post.gone = True
    error = await refused(ground)
    assert error.error_type is ErrorType.POST_NOT_FOUND


async def test_another_form_of_the_address_where_one_is_a_tombstone(ground: Ground) -> None:
    """P5: the share's permalink is not displayed, the activity's is."""
    ground.post.tombstone_forms = frozenset({"share", "ugcPost"})
    share, activity = (ground.post.numbers.urn(form) for form in ("share", "activity"))
    url = f"https://www.linkedin.com/feed/update/{share}/"
    with pytest.raises(PermanentProviderError) as caught:
        await ground.open(url)
    assert caught.value.code == "post_not_found"
    ground.post.tombstone_forms = frozenset({"activity"})
    post = await ground.open(url, activity)
    assert not post.already_reposted


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("form", ["share", "ugcPost"])
async def test_the_post_behind_another_form_of_its_address(
    ground: Ground, front_end: FrontEnd, form: str
) -> None:
    """P5: the page names the post by its activity, whatever the address says."""
    ground.post.front_end = front_end
    urn = ground.post.numbers.urn("share" if form == "share" else "ugcPost")
    post = await ground.open(f"https://www.linkedin.com/feed/update/{urn}/?utm_source=x")
    assert str(post.post) == ground.post.numbers.urn("activity")
    assert urn in {str(each) for each in post.originals}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_post_that_may_not_be_reposted(ground: Ground, front_end: FrontEnd) -> None:
    """E6: no control at all, or one that is disabled."""
    ground.post.front_end = front_end
    ground.post.permissions.can_share = False
    error = await refused(ground)
    assert isinstance(error, PermanentProviderError)
    assert error.error_type is ErrorType.PROFILE_BLOCKED


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_already_reposted(ground: Ground, front_end: FrontEnd) -> None:
    """INVARIANT: what the member has reposted is not reposted again (E5)."""
    ground.post.front_end = front_end
    await ground.repost()
    post = await ground.open()
    assert post.already_reposted
    for text in (None, "Once more."):
        with pytest.raises(AlreadyDoneError):
            await post.repost(text, now=now(), permit=permitted)
    assert len(ground.reposts) == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("kind", ["layout_changed", "blank"])
async def test_a_changed_layout(ground: Ground, front_end: FrontEnd, kind: FaultKind) -> None:
    """INVARIANT: what is not recognised is not clicked (E6 `api_error`)."""
    ground.post.front_end = front_end
    ground.fault(kind, "post_page", times=-1)
    error = await refused(ground)
    assert isinstance(error, PermanentProviderError)
    assert (error.error_type, error.code) == (ErrorType.API_ERROR, "layout_changed")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_page_that_came_empty_once(ground: Ground, front_end: FrontEnd) -> None:
    """P11: a page without a post is loaded again before its layout counts as changed."""
    ground.post.front_end = front_end
    ground.fault("blank", "post_page")
    await ground.repost()
    assert len(ground.reposts) == 1


async def test_an_address_without_an_id(ground: Ground) -> None:
    """E6: nothing is opened."""
    with pytest.raises(PermanentProviderError) as caught:
        await ground.open("https://www.linkedin.com/feed/")
    assert caught.value.error_type is ErrorType.POST_NOT_FOUND
    assert ground.page.url == "about:blank"
