"""Verification: is the member's repost there?"""

from datetime import timedelta

import pytest

from chorus.errors import (
    ChallengeError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus_sandbox.world.people import Post
from tests.integration.browser_repost.pages.ground import FRONT_ENDS, FrontEnd, Ground, now

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "Well said."
REWRITTEN = (
    ("See https://example.com/a/very/long/way/to/it", "See https://lnkd.in/1a2b3c4d"),
    ("Well said, @ada-byron-0001...", "Well said, Ada Byron…"),
    ('He said "well"', "He said \u201cwell\u201d"),
    ("One.\nTwo.\n\n\n\nThree.", "One.\n\nTwo.\n\nThree."),
    ("What the member wrote, and it goes on", "Another text altogether"),
)


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
    assert await ground.find_own_repost() is None
    assert await ground.find_own_repost(TEXT) is None
    assert ground.writes == 0


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_repost_is_told_by_its_original(ground: Ground, front_end: FrontEnd) -> None:
    """E5: a repost of another post is something else, whatever it says."""
    ground.server.sandbox.website.settings.front_end = front_end
    repost_there(ground, original=ground.add_post("Another one."))
    repost_there(ground, TEXT, original=ground.add_post("A third one."))
    assert await ground.find_own_repost() is None
    assert await ground.find_own_repost(TEXT) is None
    url = repost_there(ground)
    seen = await ground.find_own_repost()
    assert seen is not None
    assert seen.url == url


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize(("sent", "shown"), [*REWRITTEN, (TEXT, ""), (None, TEXT)])
async def test_whatever_the_network_made_of_a_text_the_repost_is_ours(
    ground: Ground, front_end: FrontEnd, sent: str | None, shown: str
) -> None:
    """Finding A3: INVARIANT: a differing text is no proof of absence; with words or without, it is
    one repost.
    """
    ground.server.sandbox.website.settings.front_end = front_end
    url = repost_there(ground, shown)
    seen = await ground.find_own_repost(sent, since=now() - timedelta(minutes=1))
    assert seen is not None
    assert seen.url == url


async def test_of_several_the_text_chooses(ground: Ground) -> None:
    """Finding A3: the text is a hint."""
    repost_there(ground, "Another text.")
    url = repost_there(ground, "Well  said.\n")
    repost_there(ground, "A third text.")
    seen = await ground.find_own_repost(TEXT, since=now() - timedelta(minutes=1))
    assert seen is not None
    assert seen.url == url


async def test_what_is_another_act_s_is_not_ours(ground: Ground) -> None:
    """Finding A3: INVARIANT: an effect that is claimed is nobody else's."""
    share = repost_there(ground, TEXT).split("/")[-2]
    assert await ground.find_own_repost(TEXT, claimed=frozenset({share})) is None
    url = repost_there(ground, "Another text.")
    seen = await ground.find_own_repost(TEXT, claimed=frozenset({share}))
    assert seen is not None
    assert seen.url == url


@pytest.mark.parametrize("text", [None, TEXT])
async def test_no_clock_of_ours_says_what_is_ours(ground: Ground, text: str | None) -> None:
    """INVARIANT: Finding A9: however far it is from LinkedIn's, the repost is found."""
    repost_there(ground, text or "")
    assert await ground.find_own_repost(text, since=now() + timedelta(days=3)) is not None
    assert await ground.find_own_repost(text, since=now() - timedelta(days=3)) is not None


async def test_what_somebody_else_reposted_is_not_ours(ground: Ground) -> None:
    """Finding A3: a list of activity holds what the member liked, too."""
    sandbox = ground.server.sandbox
    other = sandbox.state.add_person(name="Somebody Else")
    liked = sandbox.state.add_post(
        author=other, text=TEXT, created_ms=sandbox.now_ms(), original=ground.post
    )
    ground.member.person.posts.append(liked)
    assert await ground.find_own_repost(TEXT) is None


async def test_an_original_under_another_number_cannot_be_told(ground: Ground) -> None:
    """Finding A3: INVARIANT: the numbers of one post cannot be worked out from each other."""
    ground.post.tombstone_forms = frozenset({"share", "ugcPost", "activity"})
    repost_there(ground, TEXT)
    ugc = f"https://www.linkedin.com/feed/update/{ground.post.numbers.urn('ugcPost')}/"
    with pytest.raises(TransientProviderError) as caught:
        await ground.find_own_repost(TEXT, url=ugc)
    assert caught.value.code == "repost_unclear"


async def test_reposted_and_not_in_the_list_cannot_be_told(ground: Ground) -> None:
    """Finding A3: INVARIANT: the post says "reposted", the list does not say when: never absent."""
    repost_there(ground)
    made = ground.member.person.posts.pop()
    ground.server.sandbox.state.posts.remove(made)
    ground.fault("already_reposted", "post_page", times=-1)
    with pytest.raises(TransientProviderError) as caught:
        await ground.find_own_repost()
    assert caught.value.code == "repost_unclear"


async def test_a_list_that_is_behind_shows_nothing_yet(ground: Ground) -> None:
    """E5: lists lag, which is why verification looks more than once."""
    await ground.repost(TEXT)
    ground.fault("stale_reads", times=-1)
    assert await ground.find_own_repost(TEXT) is None
    ground.server.sandbox.faults.clear()
    assert await ground.find_own_repost(TEXT) is not None


async def test_a_list_that_is_too_short_to_tell(ground: Ground) -> None:
    """INVARIANT: absent is only what the whole list since then does not show (E5)."""
    since = now() - timedelta(minutes=1)
    repost_there(ground, TEXT)
    for number in range(20):
        repost_there(ground, f"Number {number}", original=ground.add_post())
    with pytest.raises(TransientProviderError) as caught:
        await ground.find_own_repost(TEXT, since=since)
    assert caught.value.code == "listing_too_short"


async def test_the_original_is_gone(ground: Ground) -> None:
    """E5: the list still tells, when the original's id in it is known."""
    await ground.repost(TEXT)
    ground.post.gone = True
    assert await ground.find_own_repost(TEXT) is not None
    ground.server.sandbox.state.posts.remove(ground.member.person.posts.pop())
    assert await ground.find_own_repost(TEXT) is None
    share = f"https://www.linkedin.com/feed/update/{ground.post.numbers.urn('share')}/"
    with pytest.raises(PermanentProviderError):
        await ground.find_own_repost(TEXT, url=share)


@pytest.mark.parametrize("route", ["post_page", "activity_page"])
async def test_a_challenge_in_the_way(ground: Ground, route: str) -> None:
    """Invariant 5: it cannot be told, and a person is needed."""
    ground.fault("checkpoint", route)
    with pytest.raises(ChallengeError):
        await ground.find_own_repost(TEXT)


async def test_a_layout_that_changed_cannot_tell(ground: Ground) -> None:
    """INVARIANT: what cannot be read is not called absent (E5)."""
    ground.be_impatient()
    ground.fault("layout_changed", "post_page", times=-1)
    with pytest.raises(ProviderError) as caught:
        await ground.find_own_repost()
    assert caught.value.code == "layout_changed"
    repost_there(ground)
    assert await ground.find_own_repost() is not None, "the list tells that it is there"


async def test_a_list_that_fails_cannot_tell(ground: Ground) -> None:
    """E5: and the post's own state does not say since when it is so."""
    ground.fault("html_502", "activity_page", times=-1)
    with pytest.raises(TransientProviderError):
        await ground.find_own_repost(TEXT)
    repost_there(ground)
    with pytest.raises(TransientProviderError):
        await ground.find_own_repost()
