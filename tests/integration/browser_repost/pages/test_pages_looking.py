"""Verification: is the member's repost there?"""

from datetime import timedelta

import pytest

from chorus.errors import (
    ChallengeError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus_sandbox.world.posts import Post
from tests.integration.browser_repost.pages.ground import FRONT_ENDS, FrontEnd, Ground, now

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "Well said."


def repost_there(ground: Ground, text: str = "", original: Post | None = None) -> str:
    """A repost of the member that stands there already; its address."""
    sandbox = ground.server.sandbox
    made = sandbox.state.add_post(
        author=ground.member.person,
        text=text,
        created_ms=sandbox.now_ms(),
        original=original or ground.post,
    )
    return f"https://www.linkedin.com/feed/update/{made.numbers.urn('share')}/"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_nothing_is_there(ground: Ground, front_end: FrontEnd) -> None:
    """E5: absent, as far as one look goes; looking clicks nothing."""
    ground.server.sandbox.website.settings.front_end = front_end
    assert await ground.look() is None
    assert await ground.look(TEXT) is None
    assert ground.writes == 0


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost_is_told_by_its_original(
    ground: Ground, front_end: FrontEnd
) -> None:
    """E5."""
    ground.server.sandbox.website.settings.front_end = front_end
    repost_there(ground, original=ground.add_post("Another one."))
    assert await ground.look() is None
    url = repost_there(ground)
    seen = await ground.look()
    assert seen is not None
    assert seen.url == url


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_repost_with_a_text_is_told_by_original_and_text(
    ground: Ground, front_end: FrontEnd
) -> None:
    """E5: the same text on another post, or another text on this one, is something else."""
    ground.server.sandbox.website.settings.front_end = front_end
    repost_there(ground, TEXT, original=ground.add_post("Another one."))
    repost_there(ground, "Another text.")
    repost_there(ground)
    assert await ground.look(TEXT) is None
    url = repost_there(ground, "Well  said.\n")
    seen = await ground.look(TEXT)
    assert seen is not None
    assert seen.url == url


async def test_an_older_repost_with_the_same_text_is_another_one(ground: Ground) -> None:
    """E5: told by its time too."""
    repost_there(ground, TEXT)
    assert await ground.look(TEXT, since=now() + timedelta(minutes=1)) is None
    assert await ground.look(TEXT, since=now() - timedelta(minutes=1)) is not None


async def test_a_list_that_is_behind_shows_nothing_yet(ground: Ground) -> None:
    """E5: lists lag, which is why verification looks more than once."""
    await ground.repost(TEXT)
    ground.fault("stale_reads", times=-1)
    assert await ground.look(TEXT) is None
    ground.server.sandbox.faults.clear()
    assert await ground.look(TEXT) is not None


async def test_a_list_that_is_too_short_to_tell(ground: Ground) -> None:
    """INVARIANT: absent is only what the whole list since then does not show (E5)."""
    since = now() - timedelta(minutes=1)
    repost_there(ground, TEXT)
    for number in range(20):
        repost_there(ground, f"Number {number}", original=ground.add_post())
    with pytest.raises(TransientProviderError) as caught:
        await ground.look(TEXT, since=since)
    assert caught.value.code == "listing_too_short"


async def test_the_original_is_gone(ground: Ground) -> None:
    """E5: the list still tells, when the original's id in it is known."""
    await ground.repost(TEXT)
    ground.post.gone = True
    assert await ground.look(TEXT) is not None
    assert await ground.look("Another text.") is None
    share = f"https://www.linkedin.com/feed/update/{ground.post.numbers.urn('share')}/"
    with pytest.raises(PermanentProviderError):
        await ground.look("Another text.", url=share)


@pytest.mark.parametrize("route", ["post_page", "activity_page"])
async def test_a_challenge_in_the_way(ground: Ground, route: str) -> None:
    """Invariant 5: it cannot be told, and a person is needed."""
    ground.fault("checkpoint", route)
    with pytest.raises(ChallengeError):
        await ground.look(TEXT)


async def test_a_layout_that_changed_cannot_tell(ground: Ground) -> None:
    """INVARIANT: what cannot be read is not called absent (E5)."""
    ground.be_impatient()
    ground.fault("layout_changed", "post_page", times=-1)
    with pytest.raises(ProviderError) as caught:
        await ground.look()
    assert caught.value.code == "layout_changed"
    repost_there(ground)
    assert await ground.look() is not None, "the list tells that it is there"


async def test_a_list_that_fails_cannot_tell(ground: Ground) -> None:
    """E5: but the post's own state can, of an instant repost."""
    ground.fault("html_502", "activity_page", times=-1)
    with pytest.raises(TransientProviderError):
        await ground.look(TEXT)
    repost_there(ground)
    assert await ground.look() is not None
