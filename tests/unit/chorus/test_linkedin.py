"""Addresses of LinkedIn's posts and profiles."""

from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chorus.linkedin import (
    Form,
    NotALinkedInAddress,
    PostAddress,
    ShortLink,
    made_at,
    parse_post,
    parse_profile,
    post_in_path,
)

NUMBER = "7379160923545600000"
OTHER = "7379160923545600001"
SITE = "https://www.linkedin.com"

FORMS: st.SearchStrategy[Form] = st.sampled_from(["activity", "ugcPost", "share"])
NUMBERS = st.integers(min_value=10**14, max_value=2**63 - 1)
HOSTS = st.sampled_from(
    ["www.linkedin.com", "linkedin.com", "m.linkedin.com", "touch.linkedin.com", "de.linkedin.com"]
)
TITLES = st.text("abcdefghijkäöüé中ن0123456789-_", max_size=40)
TAILS = st.sampled_from(["", "-Ab1c", "-a_-1", "-zZ9_"])
REST = st.sampled_from(["", "/", "?utm_source=share&utm_medium=member_desktop", "/?x=1#comments"])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"{SITE}/posts/ada_engines-activity-{NUMBER}-Ab1c/", "activity"),
        (f"{SITE}/posts/ada_engines-activity-{NUMBER}-Ab1c?utm_source=x", "activity"),
        (f"{SITE}/posts/ada-lovelace_activity-{NUMBER}-Ab1c", "activity"),
        (f"{SITE}/posts/ada_activity-{NUMBER}", "activity"),
        (f"{SITE}/posts/ada-activity-{NUMBER}/", "activity"),
        (f"{SITE}/posts/activity-{NUMBER}-Ab1c", "activity"),
        (f"{SITE}/posts/activity-{NUMBER}", "activity"),
        (f"{SITE}/posts/ada_ugcPost-{NUMBER}-Ab1c", "ugcPost"),
        (f"{SITE}/posts/share-{NUMBER}", "share"),
        (f"http://de.linkedin.com/posts/ada-l-share-{NUMBER}-a_-1", "share"),
        (f"{SITE}/posts/ada-ugcPost-{NUMBER}-Ab1c/#comments", "ugcPost"),
        (f"{SITE}/posts/j%C3%BCrgen_%D9%86-activity-{NUMBER}-Ab1c", "activity"),
        (f"{SITE}/feed/update/urn:li:activity:{NUMBER}/", "activity"),
        (f"{SITE}/feed/update/activity:{NUMBER}/", "activity"),
        (f"{SITE}/embed/feed/update/urn:li:share:{NUMBER}?compact=1", "share"),
        (f"https://linkedin.com/feed/update/urn%3Ali%3Ashare%3A{NUMBER}", "share"),
        (f"https://linkedin.com/feed/update/urn%3ali%3ashare%3a{NUMBER}", "share"),
        (f"https://m.linkedin.com/feed/update/urn:li:ugcPost:{NUMBER}?x=1", "ugcPost"),
        (f"{SITE}:443/feed/update/urn:li:ugcPost:{NUMBER}", "ugcPost"),
        (f"HTTPS://WWW.LinkedIn.com/feed/update/urn:li:share:{NUMBER}", "share"),
        (f"www.linkedin.com/feed/update/urn:li:share:{NUMBER}", "share"),
        (f"linkedin.com/posts/ada_x-activity-{NUMBER}-Ab1c", "activity"),
        (f"  urn:li:activity:{NUMBER} ", "activity"),
        (f"urn%3Ali%3Aactivity%3A{NUMBER}", "activity"),
    ],
)
def test_every_form_of_a_posts_address_is_read(text: str, form: str) -> None:
    """Finding E9: the commonest forms are read, the id tells when the post was made (P3)."""
    address = parse_post(text)
    assert address.reference == f"urn:li:{form}:{NUMBER}"
    assert address.made_at == datetime(2025, 10, 1, 14, 31, 2, 353000, tzinfo=UTC)
    assert address.url.startswith(f"{SITE}/")
    assert parse_post(address.url) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        NUMBER,
        f"https://example.com/posts/ada-activity-{NUMBER}-Ab1c/",
        f"https://linkedin.com.evil.example/feed/update/urn:li:activity:{NUMBER}/",
        f"https://evillinkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"https://www.linkedin.com@evil.example/feed/update/urn:li:activity:{NUMBER}/",
        f"https://evil.example@www.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"https://evil.example/?https://www.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"https://evil.example#.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"https://evil.example\\.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"https://www.linkedin.com./feed/update/urn:li:activity:{NUMBER}/",
        f"{SITE}:8443/feed/update/urn:li:activity:{NUMBER}/",
        f"ftp://www.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        "javascript:alert(1)//linkedin.com",
        f"//www.linkedin.com/feed/update/urn:li:activity:{NUMBER}/",
        f"{SITE}/in/ada/",
        f"{SITE}/feed/?highlight=urn:li:activity:{NUMBER}",
        f"{SITE}/redirect/posts/ada-activity-{NUMBER}-Ab1c",
        f"{SITE}/in/ada/posts/x-activity-{NUMBER}-Ab1c",
        f"{SITE}/posts/ada-activity-{NUMBER}-Ab1c/more",
        f"{SITE}/posts/ada-activity-{NUMBER}-a-long-title-that-goes-on",
        f"{SITE}/posts/adaactivity-{NUMBER}-Ab1c",
        f"{SITE}/feed/update/urn:li:activity:12/",
        f"{SITE}/feed/update/urn:li:activity:737916092354560000012/",
        f"{SITE}/feed/update/urn:li:activity:0{NUMBER}/",
        f"{SITE}/feed/update/urn:li:comment:{NUMBER}/",
        f"{SITE}/feed/update/xurn:li:activity:{NUMBER}/",
        f"{SITE}/feed/update/urn:li:activity:{NUMBER}%3Fx/",
        f"{SITE}/feed/update/urn:li:activity:{NUMBER}%2F../",
        f"{SITE}/feed/update/urn%253Ali%253Aactivity%253A{NUMBER}",
        f"{SITE}/posts/x%00-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%3F-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%3f-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%23-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%2F-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%5C-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%25-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%0A-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%20-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%3Cb%3E-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%E2%80%AE-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x%FF-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x\n-activity-{NUMBER}-Ab1c/",
        f"{SITE}/posts/x\u202e-activity-{NUMBER}-Ab1c/",
        "https://[::1",
        "x" * 3000,
    ],
)
def test_what_is_no_posts_address_is_refused_with_a_sentence(text: str) -> None:
    """Finding E9: hostile addresses never pass; the message is for a person (P3)."""
    with pytest.raises(NotALinkedInAddress, match=r"\.$"):
        parse_post(text)


@pytest.mark.parametrize(
    "text", ["https://lnkd.in/eXy12_ab", "http://lnkd.in/p/x", "lnkd.in/eXy12", "HTTPS://LNKD.IN/a"]
)
def test_a_short_link_is_refused_with_what_to_do(text: str) -> None:
    """Finding E9: nobody follows it for them, and the message says to open it."""
    with pytest.raises(ShortLink, match="Open it, and copy the address"):
        parse_post(text)


def test_a_title_that_looks_like_an_id_is_not_the_posts() -> None:
    """Finding E9: the slug is anchored: the number at its end is the post's."""
    text = f"{SITE}/posts/ada_activity-{OTHER}-Ab1c-is-down-activity-{NUMBER}-Zz9_"
    assert parse_post(text).reference == f"urn:li:activity:{NUMBER}"


@given(
    form=FORMS,
    number=NUMBERS,
    host=HOSTS,
    title=TITLES,
    joined=st.sampled_from("-_"),
    tail=TAILS,
    rest=REST,
)
def test_every_rendered_form_gives_the_same_reference(
    *, form: Form, number: int, host: str, title: str, joined: str, tail: str, rest: str
) -> None:
    """INVARIANT: Finding E9: however a post's number is written, it is one reference."""
    urn = f"urn:li:{form}:{number}"
    slug = quote(f"{title}{joined}{form}-{number}{tail}")
    texts = [
        urn,
        quote(urn, safe=""),
        f"https://{host}/feed/update/{urn}{rest}",
        f"https://{host}/feed/update/{quote(urn, safe='')}{rest}",
        f"https://{host}/posts/{slug}{rest}",
        f"https://{host}/posts/{form}-{number}{tail}{rest}",
    ]
    for text in texts:
        address = parse_post(text)
        assert address.reference == urn
        assert parse_post(address.url) == address
        assert parse_post(address.reference).reference == urn
        assert post_in_path(urlsplit(text).path) == address or text.startswith("urn")
        assert parse_post(address.url).url == address.url


@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
@example("https://www.linkedin.com/posts/a-activity-00000000000000000000-aaaa", "", False)
@example(f"{SITE}/posts/", f"%2e%2e-activity-{NUMBER}-aaaa", False)
def test_any_text_is_a_clean_address_or_a_refusal(before: str, after: str, encoded: bool) -> None:
    """INVARIANT: Finding E9: nothing else is raised; what is kept is plain and at LinkedIn."""
    middle = f"-activity-{NUMBER}-Ab1c"
    for start in ("", f"{SITE}/posts/", f"{SITE}/feed/update/", f"{SITE}/in/"):
        text = start + (quote(before) if encoded else before) + middle + after
        for candidate in (before + after, text):
            try:
                url = parse_post(candidate).url
            except NotALinkedInAddress:
                continue
            _assert_clean(url)
        try:
            _assert_clean(parse_profile(text))
        except NotALinkedInAddress:
            continue


def _assert_clean(url: str) -> None:
    assert url.startswith((f"{SITE}/posts/", f"{SITE}/feed/update/", f"{SITE}/in/"))
    assert url.isascii()
    assert url.isprintable()
    path = unquote(urlsplit(url).path)
    assert not set(path) & set("?#%\\<>\"' ")
    assert not {".", ".."} & set(path.split("/"))


@given(st.text(max_size=30), st.sampled_from("?#%/\\"), st.text(max_size=30))
def test_characters_with_a_meaning_never_hide_in_a_slug(left: str, sign: str, right: str) -> None:
    """Finding E9: `%3F` and its kind would be taken and be dead."""
    slug = quote(left + sign + right, safe="")
    with pytest.raises(NotALinkedInAddress):
        parse_post(f"{SITE}/posts/{slug}-activity-{NUMBER}-Ab1c")


@given(st.integers(min_value=0, max_value=10**20))
def test_a_time_in_an_id_is_sensible_or_none(number: int) -> None:
    """Numbers that hold no time are no error."""
    instant = made_at(number)
    assert instant is None or 2003 <= instant.year < 2100


def test_an_address_without_a_slug_has_the_form_of_the_feed() -> None:
    """P3: one form for all that came without one."""
    address = PostAddress(form="share", number=int(NUMBER))
    assert address.url == f"{SITE}/feed/update/urn:li:share:{NUMBER}/"


def test_a_profile_has_one_form() -> None:
    """P8: the link of a member."""
    for text in (
        "https://linkedin.com/in/ada?x=1",
        "http://uk.linkedin.com/in/ada/",
        "https://www.linkedin.com/in/ada/de",
        "linkedin.com/in/ada/en-US/",
    ):
        assert parse_profile(text) == "https://www.linkedin.com/in/ada/"
    assert parse_profile(f"{SITE}/in/j%C3%BCrgen") == f"{SITE}/in/j%C3%BCrgen/"


@pytest.mark.parametrize(
    "path", ["company/engines/", "in/..", "in/./", "in/%2e%2e/", "in/a%2Fb", "in/a%3Fb", "in/a%20b"]
)
def test_what_is_no_profile_is_refused(path: str) -> None:
    """Finding E9: nothing that leads elsewhere is stored as somebody's profile."""
    with pytest.raises(NotALinkedInAddress):
        parse_profile(f"{SITE}/{path}")
