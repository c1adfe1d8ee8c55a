"""Reposting through the pages: both front ends, both ways, the traps, the languages."""

import pytest

from chorus_sandbox.world.people import Language
from tests.integration.browser_repost.pages.ground import (
    FRONT_ENDS,
    MEMBER,
    FrontEnd,
    Ground,
    now,
    permitted,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
LANGUAGES: tuple[Language, ...] = ("de", "fr", "es", "pt")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost(ground: Ground, front_end: FrontEnd) -> None:
    """P5: Repost, the instant item, evidence by opening what the answer names."""
    ground.post.front_end = front_end
    confirmation = await ground.repost()
    assert confirmation.evidence == "opened"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(ground)}/"
    assert [(each.post_id, each.text) for each in ground.reposts] == [(ground.post.social_id, "")]


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost_without_a_page_of_its_own(
    ground: Ground, front_end: FrontEnd
) -> None:
    """P5: evidence by the post's own state then, and the address out of the member's list."""
    ground.post.front_end = front_end
    post = await ground.open()
    ground.fault("tombstone", "post_page")
    confirmation = await post.repost(None, now=now(), permit=permitted)
    assert confirmation.evidence == "own_state"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(ground)}/"
    assert len(ground.reposts) == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_repost_with_a_text(ground: Ground, front_end: FrontEnd) -> None:
    """P5: through the composer, evidence by opening the repost that the toast links to."""
    ground.post.front_end = front_end
    confirmation = await ground.repost("Well said, Mia — 100 %.\nRead it twice. 🙂")
    assert confirmation.evidence == "opened"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(ground)}/"
    (effect,) = ground.reposts
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
async def test_the_traps_on_the_page(ground: Ground, front_end: FrontEnd, text: str | None) -> None:
    """INVARIANT: of all that is called like it, only this post's own control is used (P5).

    Around it stand other posts with controls of their own, a button "Repost with your thoughts",
    links and settings about reposts, people called Repost, and comments with buttons.
    """
    ground.post.front_end = front_end
    for number in range(4):
        ground.add_post(f"Another one, number {number}. Repost this! You reposted this")
    state = ground.server.sandbox.state
    repost = state.add_person(name="Repost")
    state.add_comment(author=repost, post=ground.post, text="Repost", created_ms=1)
    await ground.repost(text)
    assert [(each.post_id, each.text) for each in ground.reposts] == [
        (ground.post.social_id, text or "")
    ]
    assert ground.writes == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_author_who_is_called_repost(ground: Ground, front_end: FrontEnd) -> None:
    """P5: names of people are no controls; a post may talk about checkpoints and sign-in."""
    ground.author.name = "Repost"
    ground.post.text = "You reposted this. See /checkpoint/challenge and /login. Repost"
    ground.post.front_end = front_end
    await ground.repost()
    assert [each.post_id for each in ground.reposts] == [ground.post.social_id]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("front_end", "text"), [("artdeco", None), ("hashed", "Très bien.")])
async def test_a_page_in_another_language(
    ground: Ground, language: Language, front_end: FrontEnd, text: str | None
) -> None:
    """P5: where the site does not follow the wish for English, the words are known."""
    ground.post.front_end = front_end
    ground.member.language = language
    await ground.page.context.clear_cookies(name="lang")
    await ground.repost(text)
    assert [each.text for each in ground.reposts] == [text or ""]
    assert await ground.page.locator("html").get_attribute("lang") == language


async def test_english_is_asked_for(ground: Ground) -> None:
    """P5: the page is English for an account whose language is another."""
    ground.member.language = "de"
    await ground.open()
    assert await ground.page.locator("html").get_attribute("lang") == "en"


async def test_the_page_s_own_request_is_kept_as_it_was(ground: Ground) -> None:
    """P5: headers, csrf token and user agent of the page's request reach the site unchanged."""
    await ground.repost()
    counts = ground.server.sandbox.website.accounts[MEMBER]
    assert counts["csrf_failures"] == 0
    assert counts["user_agent_mismatches"] == 0


async def test_nothing_stays_behind(ground: Ground) -> None:
    """P6: what was opened for the one request is closed with it."""
    browser = ground.page.context.browser
    assert browser is not None
    before = len(browser.contexts)
    await ground.repost()
    assert len(browser.contexts) == before
    assert len(ground.page.context.pages) == 1


async def test_the_browser_says_what_it_is(ground: Ground) -> None:
    """Nothing hides that a program is at work."""
    await ground.open()
    assert await ground.page.evaluate("navigator.webdriver") is True


def own(ground: Ground) -> str:
    """The share of the member's newest repost."""
    return ground.member.person.posts[-1].numbers.urn("share")
