"""Reposting through the pages: both front ends, both ways, the traps, the languages."""

import pytest

from tests.integration.browser_repost.pages.ground import FRONT_ENDS, FrontEnd, Ground

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_instant_repost(ground: Ground, front_end: FrontEnd) -> None:
    """P5: Repost, the instant item, evidence by the post's own state."""
    ground.post.front_end = front_end
    confirmation = await ground.repost()
    assert confirmation.evidence == "own_state"
    assert confirmation.url == f"https://www.linkedin.com/feed/update/{own(ground)}/"
    assert [(each.post_id, each.text) for each in ground.reposts] == [(ground.post.social_id, "")]


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


def own(ground: Ground) -> str:
    """The share of the member's newest repost."""
    return ground.member.person.posts[-1].numbers.urn("share")
