"""Ids out of addresses, and the addresses to open."""

from datetime import UTC, datetime

import pytest

from chorus_browser_repost.domain.post_urls import PostUrn, path_of, permalinks

N, M = 7123456789012345678, 7123456789012345999
ACTIVITY, SHARE = f"urn:li:activity:{N}", f"urn:li:share:{M}"
HOST = "https://www.linkedin.com"


@pytest.mark.parametrize(
    "text",
    [
        ACTIVITY,
        f"{HOST}/feed/update/{ACTIVITY}/",
        f"{HOST}/feed/update/urn%3Ali%3Aactivity%3A{N}?ct=ajax:1",
        f"{HOST}/posts/mia-berg_how-we-ship-activity-{N}-aB3_",
        f"{HOST}/posts/mia-berg_activity-{N}",
        f"/posts/mia-activity-{N}-Zz9-/?utm_source=share&x={SHARE}",
    ],
)
def test_an_id_is_read_out_of_every_form(text: str) -> None:
    """P5: kind and 15 to 25 digits; the rest says nothing."""
    assert PostUrn.parse(text) == PostUrn(form="activity", number=N)


@pytest.mark.parametrize(
    "text",
    [
        "",
        str(N),
        f"{HOST}/feed/",
        f"{HOST}/feed/?highlight={ACTIVITY}",
        "urn:li:activity:123",
        "urn:li:member:7123456789012345678",
        "https://[::1/posts/x",
        "urn:li:activity:" + "1" * 26,
    ],
)
def test_what_holds_no_id(text: str) -> None:
    """A bare number is ambiguous, and a query is not looked at."""
    assert PostUrn.parse(text) is None


def test_an_id_holds_its_time() -> None:
    """The upper bits are Unix milliseconds."""
    made = datetime(2026, 1, 5, 9, tzinfo=UTC)
    number = (int(made.timestamp() * 1000) << 22) + 7
    assert PostUrn(form="share", number=number).made_at == made
    assert PostUrn(form="share", number=10**24).made_at is None


def test_a_given_activity_address_keeps_its_slug_and_comes_first() -> None:
    """P5: now and then only the address with the slug works."""
    slug = f"/posts/mia_how-activity-{N}-aB3_"
    assert permalinks(f"{HOST}{slug}?utm=1#x") == (slug, f"/feed/update/{ACTIVITY}/")


def test_the_activity_form_is_tried_before_a_share_permalink() -> None:
    """P5: a share's or ugcPost's permalink may not be displayed where the activity's is."""
    share = f"{HOST}/posts/mia_how-share-{M}-aB3_"
    assert permalinks(share, ACTIVITY) == (
        f"/feed/update/{ACTIVITY}/",
        f"/posts/mia_how-share-{M}-aB3_",
        f"/feed/update/{SHARE}/",
    )
    assert permalinks(SHARE) == (f"/feed/update/{SHARE}/",)


def test_an_address_of_something_else_is_not_opened() -> None:
    """Only paths of posts are kept; of anything else the id alone."""
    assert permalinks(f"{HOST}/redirect/out/{ACTIVITY}/x") == (f"/feed/update/{ACTIVITY}/",)
    assert permalinks(f"{HOST}/feed/") == ()


def test_a_path_is_all_that_may_be_shown() -> None:
    """INVARIANT: a checkpoint's query holds a csrf token (P6)."""
    assert (
        path_of("https://x.test/checkpoint/challenge/a?ct=ajax:99#t") == "/checkpoint/challenge/a"
    )
    assert path_of("https://[bad?ct=ajax:99") == "/"
