"""Which addresses of a post a browser opens, in order.

The activity, share and ugcPost numbers of one post differ and cannot be worked out from each other.
A ugcPost or share permalink may show "This post cannot be displayed" where the activity form works,
and now and then only the address with the slug works.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from chorus.linkedin import WEBSITE, Form, PostAddress, made_at, post_in_path

_URN: Final = re.compile(r"urn:li:(?:activity|ugcPost|share):[0-9]{15,20}(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUrn:
    form: Form
    number: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The id in an URN or in the path of an address; what follows `?` is not looked at.

        None where there is none.
        """
        address = _address(text)
        return None if address is None else cls(form=address.form, number=address.number)

    @property
    def path(self) -> str:
        return PostAddress(form=self.form, number=self.number).path

    @property
    def url(self) -> str:
        """The address to show to people and to store."""
        return f"{WEBSITE}{self.path}"

    @property
    def made_at(self) -> datetime | None:
        """An id holds the time of its making."""
        return made_at(self.number)

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


def _address(text: str) -> PostAddress | None:
    """A page names posts by paths and on hosts of its own, and by addresses that wrap an URN."""
    path = path_of(text) if "/" in text else f"/feed/update/{text}/" if _URN.match(text) else ""
    whole = post_in_path(path)
    if whole is not None:
        return whole
    named = _URN.search(unquote(path))
    return post_in_path(f"/feed/update/{named[0]}/") if named else None


def _given_path(url: str) -> str:
    address = post_in_path(path_of(url)) if "/" in url else None
    if address is None:
        return ""
    path = address.path
    return path if path_of(url).endswith("/") else path.removesuffix("/")
