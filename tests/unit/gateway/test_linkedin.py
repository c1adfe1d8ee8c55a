"""Addresses of LinkedIn's posts and profiles."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chorus_gateway.domain.linkedin import (
    NotALinkedInAddress,
    made_at,
    parse_post,
    parse_profile,
)

NUMBER = "7379160923545600000"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"https://www.linkedin.com/posts/ada_engines-activity-{NUMBER}-Ab1c/", "activity"),
        (
            f"https://www.linkedin.com/posts/ada_engines-activity-{NUMBER}-Ab1c?utm_source=x",
            "activity",
        ),
        (f"http://de.linkedin.com/posts/ada-l-share-{NUMBER}-a_-1", "share"),
        (f"https://www.linkedin.com/posts/ada-ugcPost-{NUMBER}-Ab1c/#comments", "ugcPost"),
        (f"https://www.linkedin.com/feed/update/urn:li:activity:{NUMBER}/", "activity"),
        (f"https://linkedin.com/feed/update/urn%3Ali%3Ashare%3A{NUMBER}", "share"),
        (f"https://m.linkedin.com/feed/update/urn:li:ugcPost:{NUMBER}?x=1", "ugcPost"),
        (f"  urn:li:activity:{NUMBER} ", "activity"),
    ],
)
def test_every_form_of_a_posts_address_is_read(text: str, form: str) -> None:
    """P3: whatever people copy; the id tells when the post was made."""
    address = parse_post(text)
    assert address.reference == f"urn:li:{form}:{NUMBER}"
    assert address.made_at == datetime(2025, 10, 1, 14, 31, 2, 353000, tzinfo=UTC)
    assert address.url.startswith("https://www.linkedin.com/")
    assert parse_post(address.url) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://example.com/posts/ada-activity-7379160923545600000-Ab1c/",
        "https://linkedin.com.evil.example/feed/update/urn:li:activity:7379160923545600000/",
        "https://evillinkedin.com/feed/update/urn:li:activity:7379160923545600000/",
        "ftp://www.linkedin.com/feed/update/urn:li:activity:7379160923545600000/",
        "javascript:alert(1)//linkedin.com",
        "https://www.linkedin.com/in/ada/",
        "https://www.linkedin.com/feed/update/urn:li:activity:12/",
        "https://www.linkedin.com/feed/update/urn:li:activity:737916092354560000012/",
        "https://www.linkedin.com/posts/x%00-activity-7379160923545600000-Ab1c/",
        "https://[::1",
        "x" * 3000,
    ],
)
def test_what_is_no_posts_address_is_refused_with_a_sentence(text: str) -> None:
    """P3: the message is for a person."""
    with pytest.raises(NotALinkedInAddress, match=r"\.$"):
        parse_post(text)


@given(st.text())
@example("https://www.linkedin.com/posts/a-activity-00000000000000000000-aaaa")
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    """Nothing else is raised, and what is read is read again to the same."""
    for parse in (parse_post, parse_profile):
        try:
            parse(text)
        except NotALinkedInAddress:
            continue


@given(st.integers(min_value=0, max_value=10**20))
def test_a_time_in_an_id_is_sensible_or_none(number: int) -> None:
    """Numbers that hold no time are no error."""
    instant = made_at(number)
    assert instant is None or 2003 <= instant.year < 2100


def test_a_profile_has_one_form() -> None:
    """P8: the link of a member."""
    for text in ("https://linkedin.com/in/ada?x=1", "http://uk.linkedin.com/in/ada/"):
        assert parse_profile(text) == "https://www.linkedin.com/in/ada/"
    with pytest.raises(NotALinkedInAddress):
        parse_profile("https://www.linkedin.com/company/engines/")
