"""LinkedIn addresses. A post's id holds the time it was made: id >> 22 is Unix milliseconds."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

_URN: Final = re.compile(r"urn:li:(activity|ugcPost|share):([0-9]{15,20})(?![0-9])")
_SLUG: Final = re.compile(
    r"/posts/(?P<slug>[^/]+)-(?P<form>activity|ugcPost|share)-(?P<number>[0-9]{15,20})-[\w-]{4}/?\Z"
)
_UPDATE: Final = re.compile(r"/feed/update/(?P<urn>[^/]+)/?\Z")
_PROFILE: Final = re.compile(r"/in/(?P<name>[^/]{1,200})/?\Z")
_HOSTS: Final = frozenset({"linkedin.com", "www.linkedin.com", "m.linkedin.com"})
_FIRST: Final = datetime(2003, 5, 1, tzinfo=UTC)
_MAX_URL: Final = 2048


class NotALinkedInAddress(ValueError):
    """The text is no address of the kind that was asked for. The message is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAddress:
    """A post's address in one form, however it was written."""

    url: str
    reference: str
    """Such as `urn:li:activity:7123…`; equal for all addresses that hold the same number."""
    made_at: datetime | None
    """When the post was made, from its number; None where that is no sensible time."""


def parse_post(text: str) -> PostAddress:
    """Read the address of a post in any of the forms that LinkedIn shows, or a bare URN.

    Raises NotALinkedInAddress.
    """
    text = text.strip()
    if len(text) > _MAX_URL:
        raise NotALinkedInAddress("The address is longer than 2048 characters.")
    whole = _URN.fullmatch(text)
    if whole:
        return _address(whole[1], whole[2], f"https://www.linkedin.com/feed/update/{text}/")
    path = _path(text)
    slug = _SLUG.search(path)
    if slug:
        return _address(
            slug["form"], slug["number"], f"https://www.linkedin.com{path.rstrip('/')}/"
        )
    update = _UPDATE.search(path)
    urn = _URN.fullmatch(update["urn"]) if update else None
    if urn:
        return _address(urn[1], urn[2], f"https://www.linkedin.com/feed/update/{urn[0]}/")
    raise NotALinkedInAddress(
        "This is no address of a LinkedIn post. "
        "Open the post, choose 'Copy link to post', and use that."
    )


def parse_profile(text: str) -> str:
    """The address of a person's profile in one form. Raises NotALinkedInAddress."""
    if len(text) > _MAX_URL:
        raise NotALinkedInAddress("The address is longer than 2048 characters.")
    match = _PROFILE.fullmatch(_path(text.strip()))
    if match is None:
        raise NotALinkedInAddress(
            "A profile's address looks like https://www.linkedin.com/in/name/."
        )
    return f"https://www.linkedin.com/in/{match['name']}/"


def made_at(number: int) -> datetime | None:
    """The time inside a post's number, if it is one: after LinkedIn began, before 2100."""
    milliseconds = number >> 22
    try:
        instant = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return instant if _FIRST <= instant < datetime(2100, 1, 1, tzinfo=UTC) else None


def _address(form: str, number: str, url: str) -> PostAddress:
    return PostAddress(url=url, reference=f"urn:li:{form}:{number}", made_at=made_at(int(number)))


def _path(text: str) -> str:
    """The decoded path of an https address at LinkedIn; its query and fragment say nothing."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise NotALinkedInAddress("This is no address.") from error
    if parts.scheme not in ("https", "http") or host is None:
        raise NotALinkedInAddress("An address begins with https://www.linkedin.com/.")
    if host not in _HOSTS and not host.endswith(".linkedin.com"):
        raise NotALinkedInAddress("The address is not on linkedin.com.")
    path = unquote(parts.path)
    if any(character < " " or character in "\ufffd\\" for character in path):
        raise NotALinkedInAddress("The address holds characters that no address has.")
    return path
