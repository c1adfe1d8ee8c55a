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
from tests.integration.browser_repost.pages.harness import FRONT_ENDS, FrontEnd, Harness, now

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "Well said."
REWRITTEN = (
    ("See https://example.com/a/very/long/way/to/it", "See https://lnkd.in/1a2b3c4d"),
    ("Well said, @ada-byron-0001...", "Well said, Ada Byron…"),
    ('He said "well"', "He said \u201cwell\u201d"),
    ("One.\nTwo.\n\n\n\nThree.", "One.\n\nTwo.\n\nThree."),
    ("What the member wrote, and it goes on", "Another text altogether"),
)


def repost_there(harness: Harness, text: str = "", original: Post | None = None) -> str:
    """A repost of the member that stands there already; its address."""
    sandbox = harness.server.sandbox
    made = sandbox.state.add_post(
        author=harness.member.person,
        text=text,
        created_ms=sandbox.now_ms(),
        original=original or harness.post,
    )
    return f"https://www.linkedin.com/feed/update/{made.numbers.urn('share')}/"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_nothing_is_there(harness: Harness, front_end: FrontEnd) -> None:
    """E5: absent, as far as one look goes; looking clicks nothing."""
    harness.server.sandbox.website.settings.front_end = front_end
    assert await harness.find_own_repost() is None
    assert await harness.find_own_repost(TEXT) is None
    assert harness.writes == 0


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_repost_is_told_by_its_original(harness: Harness, front_end: FrontEnd) -> None:
    """E5: a repost of another post is something else, whatever it says."""
    harness.server.sandbox.website.settings.front_end = front_end
    repost_there(harness, original=harness.add_post("Another one."))
    repost_there(harness, TEXT, original=harness.add_post("A third one."))
    assert await harness.find_own_repost() is None
    assert await harness.find_own_repost(TEXT) is None
    url = repost_there(harness)
    seen = await harness.find_own_repost()
    assert seen is not None
    assert seen.url == url


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize(("sent", "shown"), [*REWRITTEN, (TEXT, ""), (None, TEXT)])
async def test_whatever_the_network_made_of_a_text_the_repost_is_ours(
    harness: Harness, front_end: FrontEnd, sent: str | None, shown: str
) -> None:
    """Finding A3: INVARIANT: a differing text is no proof of absence; with words or without, it is
    one repost.
    """
    harness.server.sandbox.website.settings.front_end = front_end
    url = repost_there(harness, shown)
    seen = await harness.find_own_repost(sent, since=now() - timedelta(minutes=1))
    assert seen is not None
    assert seen.url == url


async def test_of_several_the_text_chooses(harness: Harness) -> None:
    """Finding A3: the text is a hint."""
    repost_there(harness, "Another text.")
    url = repost_there(harness, "Well  said.\n")
    repost_there(harness, "A third text.")
    seen = await harness.find_own_repost(TEXT, since=now() - timedelta(minutes=1))
    assert seen is not None
    assert seen.url == url


async def test_what_is_another_act_s_is_not_ours(harness: Harness) -> None:
    """Finding A3: INVARIANT: an effect that is claimed is nobody else's."""
    share = repost_there(harness, TEXT).split("/")[-2]
    assert await harness.find_own_repost(TEXT, claimed=frozenset({share})) is None
    url = repost_there(harness, "Another text.")
    seen = await harness.find_own_repost(TEXT, claimed=frozenset({share}))
    assert seen is not None
    assert seen.url == url


@pytest.mark.parametrize("text", [None, TEXT])
async def test_no_clock_of_ours_says_what_is_ours(harness: Harness, text: str | None) -> None:
    """INVARIANT: Finding A9: however far it is from LinkedIn's, the repost is found."""
    repost_there(harness, text or "")
    assert await harness.find_own_repost(text, since=now() + timedelta(days=3)) is not None
    assert await harness.find_own_repost(text, since=now() - timedelta(days=3)) is not None


async def test_what_somebody_else_reposted_is_not_ours(harness: Harness) -> None:
    """Finding A3: a list of activity holds what the member liked, too."""
    sandbox = harness.server.sandbox
    other = sandbox.state.add_person(name="Somebody Else")
    liked = sandbox.state.add_post(
        author=other, text=TEXT, created_ms=sandbox.now_ms(), original=harness.post
    )
    harness.member.person.posts.append(liked)
    assert await harness.find_own_repost(TEXT) is None


async def test_an_original_under_another_number_cannot_be_told(harness: Harness) -> None:
    """Finding A3: INVARIANT: the numbers of one post cannot be worked out from each other."""
    harness.post.tombstone_forms = frozenset({"share", "ugcPost", "activity"})
    repost_there(harness, TEXT)
    ugc = f"https://www.linkedin.com/feed/update/{harness.post.numbers.urn('ugcPost')}/"
    with pytest.raises(TransientProviderError) as caught:
        await harness.find_own_repost(TEXT, url=ugc)
    assert caught.value.code == "repost_unclear"


async def test_reposted_and_not_in_the_list_cannot_be_told(harness: Harness) -> None:
    """Finding A3: INVARIANT: the post says "reposted", the list does not say when: never absent."""
    repost_there(harness)
    made = harness.member.person.posts.pop()
    harness.server.sandbox.state.posts.remove(made)
    harness.fault("already_reposted", "post_page", times=-1)
    with pytest.raises(TransientProviderError) as caught:
        await harness.find_own_repost()
    assert caught.value.code == "repost_unclear"


async def test_a_list_that_is_behind_shows_nothing_yet(harness: Harness) -> None:
    """E5: lists lag, which is why verification looks more than once."""
    await harness.repost(TEXT)
    harness.fault("stale_reads", times=-1)
    assert await harness.find_own_repost(TEXT) is None
    harness.server.sandbox.faults.clear()
    assert await harness.find_own_repost(TEXT) is not None


async def test_a_list_that_is_too_short_to_tell(harness: Harness) -> None:
    """INVARIANT: absent is only what the whole list since then does not show (E5)."""
    since = now() - timedelta(minutes=1)
    repost_there(harness, TEXT)
    for number in range(20):
        repost_there(harness, f"Number {number}", original=harness.add_post())
    with pytest.raises(TransientProviderError) as caught:
        await harness.find_own_repost(TEXT, since=since)
    assert caught.value.code == "listing_too_short"


async def test_the_original_is_gone(harness: Harness) -> None:
    """E5: the list still tells, when the original's id in it is known."""
    await harness.repost(TEXT)
    harness.post.gone = True
    assert await harness.find_own_repost(TEXT) is not None
    harness.server.sandbox.state.posts.remove(harness.member.person.posts.pop())
    assert await harness.find_own_repost(TEXT) is None
    share = f"https://www.linkedin.com/feed/update/{harness.post.numbers.urn('share')}/"
    with pytest.raises(PermanentProviderError):
        await harness.find_own_repost(TEXT, url=share)


@pytest.mark.parametrize("route", ["post_page", "activity_page"])
async def test_a_challenge_in_the_way(harness: Harness, route: str) -> None:
    """Invariant 5: it cannot be told, and a person is needed."""
    harness.fault("checkpoint", route)
    with pytest.raises(ChallengeError):
        await harness.find_own_repost(TEXT)


async def test_a_layout_that_changed_cannot_tell(harness: Harness) -> None:
    """INVARIANT: what cannot be read is not called absent (E5)."""
    harness.be_impatient()
    harness.fault("layout_changed", "post_page", times=-1)
    with pytest.raises(ProviderError) as caught:
        await harness.find_own_repost()
    assert caught.value.code == "layout_changed"
    repost_there(harness)
    assert await harness.find_own_repost() is not None, "the list tells that it is there"


async def test_a_list_that_fails_cannot_tell(harness: Harness) -> None:
    """E5: and the post's own state does not say since when it is so."""
    harness.fault("html_502", "activity_page", times=-1)
    with pytest.raises(TransientProviderError):
        await harness.find_own_repost(TEXT)
    repost_there(harness)
    with pytest.raises(TransientProviderError):
        await harness.find_own_repost()
