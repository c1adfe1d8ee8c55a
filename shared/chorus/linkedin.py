"""Addresses of LinkedIn's posts and profiles: the one place that reads them.

A post has three numbers (activity, share, ugcPost); none follows from another. A number holds the
time at which it was made: number >> 22 is Unix milliseconds.

What is read is rendered anew; nothing that was decoded is ever kept as it came.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote, unquote, urlsplit

from chorus.vocabulary import Platform

Form = Literal["activity", "ugcPost", "share"]

PLATFORM: Final = Platform.LINKEDIN
WEBSITE: Final = "https://www.linkedin.com"
_ID: Final = r"(?P<form>activity|ugcPost|share){}(?P<number>[1-9][0-9]{{14,19}})"
_URN: Final = re.compile(r"(?:urn:li:)?" + _ID.format(":"))
_BARE: Final = re.compile(r"urn(?::|%3a)li(?::|%3a)[a-z]{1,20}(?::|%3a)[0-9]{1,40}", re.IGNORECASE)
# The number stands at the end, with a tail or without: a title may say "activity-123…" before it.
_SLUG: Final = re.compile(r"(?:.*[-_])?" + _ID.format("-") + r"(?:-[A-Za-z0-9_-]{1,12})?")
_POST_PATH: Final = re.compile(r"/posts/(?P<slug>[^/]+)/?")
_UPDATE_PATH: Final = re.compile(r"(?:/embed)?/feed/update/(?P<urn>[^/]+)/?")
_PROFILE_PATH: Final = re.compile(r"/in/(?P<name>[^/]{1,200})(?:/[a-z]{2}(?:[-_][A-Za-z]{2})?)?/?")
_HOST: Final = re.compile(r"(?:(?:www|m|touch|[a-z]{2})\.)?linkedin\.com")
_NO_SCHEME: Final = re.compile(r"[a-z]{0,5}\.?linkedin\.com/", re.IGNORECASE)
_SHORT_HOST: Final = re.compile(r"(?:[a-z]+://)?(?:www\.)?lnkd\.in(?:[/?#:]|\Z)", re.IGNORECASE)
_JOINERS: Final = "\u200c\u200d"
_NEVER: Final = frozenset("?#%/\\<>\"'`{}|^[]")
_FIRST: Final = datetime(2003, 5, 1, tzinfo=UTC)
_MAX_URL: Final = 2048
_UNSAFE_ENCODED: Final = re.compile(r"%(?:2f|5c|25)", re.IGNORECASE)


class NotALinkedInAddress(ValueError):
    """The text is no address of the kind that was asked for. The message is for a person."""


class ShortLink(NotALinkedInAddress):
    """The text is one of LinkedIn's short links, which do not say where they lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAddress:
    """One of a post's numbers, and the slug that the address had, if any."""

    form: Form
    number: int
    slug: str | None = None
    """Decoded. Rendered, never shown or stored as it is."""

    @property
    def platform(self) -> Platform:
        """The network whose address it is."""
        return PLATFORM

    @property
    def reference(self) -> str:
        """Such as `urn:li:activity:7123…`; equal for all addresses that hold the same number."""
        return f"urn:li:{self.form}:{self.number}"

    @property
    def path(self) -> str:
        """Percent-encoded, with the slug where the address had one."""
        if self.slug is None:
            return _path_of(self.reference)
        return f"/posts/{quote(self.slug, safe='-_.~')}/"

    @property
    def url(self) -> str:
        """The address in one form: what is stored and shown."""
        return WEBSITE + self.path

    @property
    def made_at(self) -> datetime | None:
        """When the post was made, from its number; None where that is no sensible time."""
        return made_at(self.number)


def parse_post(text: str) -> PostAddress:
    """Read the address of a post in any of the forms that LinkedIn shows, or a bare URN.

    Raises NotALinkedInAddress; ShortLink for an address at lnkd.in.
    """
    text = text.strip()
    found = _urn(_decoded(text)) if _BARE.fullmatch(text) else post_in_path(_path(text))
    if found is None:
        raise NotALinkedInAddress(
            "This is no address of a LinkedIn post. "
            "Open the post, choose 'Copy link to post', and use that."
        )
    return found


def post_in_path(path: str) -> PostAddress | None:
    """The post that a path names, whatever the host; None where it names none.

    `path` is as it stands in an address: percent-encoded at most once, no query, no fragment.
    """
    try:
        decoded = _decoded(path)
    except NotALinkedInAddress:
        return None
    update = _UPDATE_PATH.fullmatch(decoded)
    if update:
        return _urn(update["urn"])
    post = _POST_PATH.fullmatch(decoded)
    slug = _SLUG.fullmatch(post["slug"]) if post else None
    if slug is None:
        return None
    return _address(slug, slug=slug[0])


def parse_profile(text: str) -> str:
    """The address of a person's profile in one form. Raises NotALinkedInAddress."""
    match = _PROFILE_PATH.fullmatch(_decoded(_path(text.strip())))
    if match is None or not match["name"].strip("."):
        raise NotALinkedInAddress(
            "A profile's address looks like https://www.linkedin.com/in/name/."
        )
    return profile_url(match["name"])


def post_url(name: str) -> str:
    """The address of a post by a URN, or by the number of its activity."""
    return WEBSITE + _path_of(name if name.startswith("urn:") else f"urn:li:activity:{name}")


def profile_url(slug: str) -> str:
    """The address of a person's profile by the name that it has there."""
    return f"{WEBSITE}/in/{quote(slug, safe='-_.~')}/"


def made_at(number: int) -> datetime | None:
    """The time inside a post's number, if it is one: after LinkedIn began, before 2100."""
    milliseconds = number >> 22
    try:
        instant = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return instant if _FIRST <= instant < datetime(2100, 1, 1, tzinfo=UTC) else None


def _path_of(urn: str) -> str:
    return f"/feed/update/{urn}/"


def _urn(text: str) -> PostAddress | None:
    match = _URN.fullmatch(text)
    return _address(match) if match else None


def _address(match: re.Match[str], *, slug: str | None = None) -> PostAddress | None:
    number = int(match["number"])
    form: Form = match["form"]  # type: ignore[assignment]  # the pattern knows these alone
    return PostAddress(form=form, number=number, slug=slug) if number < 2**63 else None


def _path(text: str) -> str:
    """The encoded path of an address at LinkedIn; its query and fragment say nothing."""
    if len(text) > _MAX_URL:
        raise NotALinkedInAddress("The address is longer than 2048 characters.")
    if not text.isprintable() or " " in text:
        raise NotALinkedInAddress("The address holds characters that no address has.")
    if _SHORT_HOST.match(text):
        raise ShortLink(
            "This is a short link, which does not say where it leads. "
            "Open it, and copy the address of the post that it shows."
        )
    try:
        parts = urlsplit(f"https://{text}" if _NO_SCHEME.match(text) else text)
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError as error:
        raise NotALinkedInAddress("This is no address.") from error
    if parts.scheme not in ("https", "http") or host is None or user is not None:
        raise NotALinkedInAddress("An address begins with https://www.linkedin.com/.")
    if not _HOST.fullmatch(host) or port not in (None, 80, 443):
        raise NotALinkedInAddress("The address is not on linkedin.com.")
    return parts.path


def _decoded(path: str) -> str:
    """Decoded once. What a second reader could take for something else is refused."""
    try:
        if _UNSAFE_ENCODED.search(path):
            raise NotALinkedInAddress("The address is encoded twice. Copy it again.")
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise NotALinkedInAddress("The address is no text in UTF-8.") from error
    for character in decoded:
        sound = character.isprintable() or character in _JOINERS
        if not sound or character.isspace() or (character in _NEVER and character != "/"):
            raise NotALinkedInAddress("The address holds characters that no address has.")
    return decoded
