"""Reposting through the pages: both front ends, both ways, the traps, the languages."""

import pytest

from chorus_sandbox.world.people import Language
from tests.integration.browser_repost.pages.harness import (
    FRONT_ENDS,
    MEMBER,
    FrontEnd,
    Harness,
    now,
    permitted,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES: tuple[Language, ...] = ("de", "fr", "es", "pt")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost(harness: Harness, front_end: FrontEnd) -> None:
    """P5: Repost, the instant item, evidence by opening what the answer names."""
    harness.post.front_end = front_end
    confirmation = await harness.repost()
    assert confirmation.evidence == "opened"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(harness)}/"
    assert [(each.post_id, each.text) for each in harness.reposts] == [(harness.post.social_id, "")]


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost_without_a_page_of_its_own(
    harness: Harness, front_end: FrontEnd
) -> None:
    """P5: evidence by the post's own state then, and the address out of the member's list."""
    harness.post.front_end = front_end
    post = await harness.open()
    harness.fault("tombstone", "post_page")
    confirmation = await post.repost(None, now=now(), permit=permitted)
    assert confirmation.evidence == "own_state"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(harness)}/"
    assert len(harness.reposts) == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_repost_with_a_text(harness: Harness, front_end: FrontEnd) -> None:
    """P5: through the composer, evidence by opening the repost that the toast links to."""
    harness.post.front_end = front_end
    confirmation = await harness.repost("Well said, Mia — 100 %.\nRead it twice. 🙂")
    assert confirmation.evidence == "opened"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(harness)}/"
    (effect,) = harness.reposts
    assert (effect.text or "").split() == [
        "Well",
        "said,",
        "Mia",
        "—",
        "100",
        "%.",
        "Read",
        "it",
        "twice.",
        "🙂",
    ]


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("text", [None, "Worth a read."])
async def test_the_traps_on_the_page(
    harness: Harness, front_end: FrontEnd, text: str | None
) -> None:
    """INVARIANT: of all that is called like it, only this post's own control is used (P5).

    Around it stand other posts with controls of their own, a button "Repost with your thoughts",
    links and settings about reposts, people called Repost, and comments with buttons.
    """
    harness.post.front_end = front_end
    for number in range(4):
        harness.add_post(f"Another one, number {number}. Repost this! You reposted this")
    state = harness.server.sandbox.state
    repost = state.add_person(name="Repost")
    state.add_comment(author=repost, post=harness.post, text="Repost", created_ms=1)
    await harness.repost(text)
    assert [(each.post_id, each.text) for each in harness.reposts] == [
        (harness.post.social_id, text or "")
    ]
    assert harness.writes == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_author_who_is_called_repost(harness: Harness, front_end: FrontEnd) -> None:
    """P5: names of people are no controls; a post may talk about checkpoints and sign-in."""
    harness.author.name = "Repost"
    harness.post.text = "You reposted this. See /checkpoint/challenge and /login. Repost"
    harness.post.front_end = front_end
    await harness.repost()
    assert [each.post_id for each in harness.reposts] == [harness.post.social_id]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("front_end", "text"), [("artdeco", None), ("hashed", "Très bien.")])
async def test_a_page_in_another_language(
    harness: Harness, language: Language, front_end: FrontEnd, text: str | None
) -> None:
    """P5: where the site does not follow the wish for English, the words are known."""
    harness.post.front_end = front_end
    harness.member.language = language
    await harness.page.context.clear_cookies(name="lang")
    await harness.repost(text)
    assert [each.text for each in harness.reposts] == [text or ""]
    assert await harness.page.locator("html").get_attribute("lang") == language


async def test_english_is_asked_for(harness: Harness) -> None:
    """P5: the page is English for an account whose language is another."""
    harness.member.language = "de"
    await harness.open()
    assert await harness.page.locator("html").get_attribute("lang") == "en"


async def test_the_page_s_own_request_is_kept_as_it_was(harness: Harness) -> None:
    """P5: headers, csrf token and user agent of the page's request reach the site unchanged."""
    await harness.repost()
    counts = harness.server.sandbox.website.accounts[MEMBER]
    assert counts["csrf_failures"] == 0
    assert counts["user_agent_mismatches"] == 0


async def test_nothing_stays_behind(harness: Harness) -> None:
    """P6: what was opened for the one request is closed with it."""
    browser = harness.page.context.browser
    assert browser is not None
    before = len(browser.contexts)
    await harness.repost()
    assert len(browser.contexts) == before
    assert len(harness.page.context.pages) == 1


async def test_the_browser_says_what_it_is(harness: Harness) -> None:
    """Nothing hides that a program is at work."""
    await harness.open()
    assert await harness.page.evaluate("navigator.webdriver") is True


def own(harness: Harness) -> str:
    """The share of the member's newest repost."""
    return harness.member.person.posts[-1].numbers.urn("share")
