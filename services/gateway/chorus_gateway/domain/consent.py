"""Consent (invariant 4): what a person is asked, word for word, and who may answer.

A text is never edited: a new wording is a new version, and the log keeps which one was agreed to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from chorus.vocabulary import Kind
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission

_WHAT: Final[dict[Kind, str]] = {
    Kind.LIKE: "react to posts",
    Kind.COMMENT: "write comments under posts",
    Kind.REPOST: "repost posts",
    Kind.PUBLISH: "publish posts that I have queued or that my team has queued",
    Kind.SEND_DM: "send direct messages to people who asked for something in a comment",
    Kind.SCAN_COMMENTS: "read the comments under posts",
    Kind.READ_REPLIES: "read the replies to messages that it sent",
    Kind.DETECT_POSTS: "look for new posts of mine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """What the owner of an account agrees to."""

    kind: Kind
    version: str
    text: str

    @property
    def sha256(self) -> bytes:
        return sha256(self.text.encode()).digest()


VERSION: Final = "2026-01"


def current_text(kind: Kind) -> ConsentText:
    """The wording in use for a kind."""
    text = (
        f"Chorus may {_WHAT[kind]} with my account, in my name and without asking me each time, "
        "within the limits and hours that are shown to me. The network may restrict accounts that "
        "are automated. I can withdraw this at any time; what has not been done by then will not "
        "be done."
    )
    return ConsentText(kind=kind, version=VERSION, text=text)


def not_shown(kinds: Sequence[Kind], shown: Mapping[Kind, str]) -> list[Kind]:
    """The kinds whose present text is not the one that was shown, by its digest in hex."""
    return [kind for kind in kinds if shown.get(kind) != current_text(kind).sha256.hex()]


def may_answer(principal: Principal, *, owner_user_id: UUID, granted: bool) -> bool:
    """The owner alone grants, in person; the owner or whoever manages the tenant withdraws.

    In person is with a password that nobody else knows.
    """
    if granted:
        own = principal.user_id == owner_user_id and principal.key_id is None
        return own and not principal.temporary and principal.may(Permission.OWN_ACCOUNTS)
    return principal.may_act_for(owner_user_id)
