"""The forms in which LinkedIn writes a post's address, and which of them to open, in order.

The activity, share and ugcPost numbers of one post differ and cannot be worked out from each other.
A ugcPost or share permalink may show "This post cannot be displayed" where the activity form works,
and now and then only the address with the slug works.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Self
from urllib.parse import quote, unquote, urlsplit

Form = Literal["activity", "ugcPost", "share"]

_URN: Final = re.compile(r"urn:li:(activity|ugcPost|share):([0-9]{15,25})(?![0-9])")
_SLUG: Final = re.compile(r"[-_](activity|ugcPost|share)-([0-9]{15,25})(?![0-9])")
_POST_PATH: Final = re.compile(r"/(?:posts/[^/]+|feed/update/urn:li:[^/]+)/?\Z")
_PUBLIC: Final = "https://www.linkedin.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUrn:
    form: Form
    number: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The first id in an URN or in the path of an address; what follows `?` is not looked at.

        None where there is none.
        """
        match = _URN.search(_decoded_path(text)) or _SLUG.search(_decoded_path(text))
        if match is None:
            return None
        form: Form = match.group(1)  # type: ignore[assignment]  # the pattern knows these alone
        return cls(form=form, number=int(match.group(2)))

    @property
    def path(self) -> str:
        return f"/feed/update/{self}/"

    @property
    def url(self) -> str:
        """The address to show to people and to store."""
        return f"{_PUBLIC}{self.path}"

    @property
    def made_at(self) -> datetime | None:
        """An id holds the Unix milliseconds of its making above its lowest 22 bits."""
        try:
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self.number >> 22)
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"urn:li:{self.form}:{self.number}"


def permalinks(url: str, *known: str) -> tuple[str, ...]:
    """Paths to open one after the other until one shows the post.

    `known` are further ids or addresses of the same post. An activity's form comes first; the given
    address keeps its slug, and loses host, query and fragment. Empty: there is no id anywhere.
    """
    given = PostUrn.parse(url)
    urns = [given, *(PostUrn.parse(text) for text in known)]
    activities = [urn.path for urn in urns if urn is not None and urn.form == "activity"]
    others = [urn.path for urn in urns if urn is not None and urn.form != "activity"]
    own = [_given_path(url)] if given is not None else []
    first = own if given is not None and given.form == "activity" else []
    return tuple(dict.fromkeys(path for path in (*first, *activities, *own, *others) if path))


def urns_in(text: str) -> tuple[PostUrn, ...]:
    """Every post that a text names by its URN, each once, in order."""
    found = (PostUrn.parse(match[0]) for match in _URN.finditer(text))
    return tuple(dict.fromkeys(urn for urn in found if urn is not None))


def path_of(url: str) -> str:
    """An address without host, query and fragment: all of it that may be logged or stored."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def _decoded_path(text: str) -> str:
    return unquote(path_of(text)) if "/" in text else text


def _given_path(url: str) -> str:
    path = _decoded_path(url)
    return quote(path, safe="/:-_.~") if _POST_PATH.search(path) else ""
