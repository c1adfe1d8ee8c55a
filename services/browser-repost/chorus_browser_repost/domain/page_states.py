"""What a page that came back is, told by where it ended, its status and a few marks; pure.

A challenge is looked for before a lost session, since a challenge page links to the sign-in form.
Of the address only the path counts: the query of a checkpoint holds a csrf token, and a query may
hold the address of any other page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from chorus.errors import (
    ChallengeError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from chorus.vocabulary import ErrorType


class PageState(StrEnum):
    READY = "ready"
    CHALLENGE = "challenge"
    AUTH_WALL = "auth_wall"
    SIGNED_OUT = "signed_out"
    BOT_FLAG = "bot_flag"
    THROTTLED = "throttled"
    TOMBSTONE = "tombstone"
    NOT_PERMITTED = "not_permitted"
    ALREADY_REPOSTED = "already_reposted"
    LAYOUT_CHANGED = "layout_changed"
    SERVER_ERROR = "server_error"
    SLOW = "slow"


RepostControl = Literal["ready", "reposted", "closed", "unknown"]
"""`closed`: the post has its action bar, and the bar has no repost. `unknown`: no such control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a document shows. `challenge`: its body names `/checkpoint/challenge`."""

    challenge: bool = False
    sign_in: bool = False
    tombstone: bool = False
    post: bool = False
    control: RepostControl = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    kind: type[ProviderError]
    error_type: ErrorType
    code: str
    message: str


_AUTH, _BLOCKED = ErrorType.AUTH_ERROR, ErrorType.PROFILE_BLOCKED
_MEANINGS: Final[Mapping[PageState, _Meaning]] = MappingProxyType(
    {
        state: _Meaning(kind=kind, error_type=error_type, code=code, message=message)
        for state, kind, error_type, code, message in (
            (
                PageState.CHALLENGE,
                ChallengeError,
                _AUTH,
                "checkpoint",
                "LinkedIn asks the account's owner for a security check.",
            ),
            (
                PageState.AUTH_WALL,
                ChallengeError,
                _AUTH,
                "auth_wall",
                "LinkedIn shows the wall for visitors: the session is not accepted.",
            ),
            (
                PageState.SIGNED_OUT,
                ChallengeError,
                _AUTH,
                "signed_out",
                "LinkedIn asks to sign in: the session has ended.",
            ),
            (
                PageState.BOT_FLAG,
                ChallengeError,
                _BLOCKED,
                "http_999",
                "LinkedIn answered 999: it refuses this account's requests.",
            ),
            (
                PageState.THROTTLED,
                TransientProviderError,
                ErrorType.RATE_LIMIT,
                "throttled",
                "LinkedIn asks to slow down.",
            ),
            (
                PageState.TOMBSTONE,
                PermanentProviderError,
                ErrorType.POST_NOT_FOUND,
                "post_not_found",
                "LinkedIn does not show this post: it is gone or hidden from the account.",
            ),
            (
                PageState.NOT_PERMITTED,
                PermanentProviderError,
                _BLOCKED,
                "repost_not_permitted",
                "This post may not be reposted by the account.",
            ),
            (
                PageState.LAYOUT_CHANGED,
                PermanentProviderError,
                ErrorType.API_ERROR,
                "layout_changed",
                "LinkedIn's page is not built as expected, so nothing was clicked.",
            ),
            (
                PageState.SERVER_ERROR,
                TransientProviderError,
                ErrorType.NETWORK_ERROR,
                "server_error",
                "LinkedIn could not show the page.",
            ),
            (
                PageState.SLOW,
                TransientProviderError,
                ErrorType.NETWORK_ERROR,
                "slow",
                "LinkedIn's page had not come to rest in its time.",
            ),
        )
    }
)

_FLAGGED: Final = 999
_BY_STATUS: Final[Mapping[int, PageState]] = MappingProxyType(
    {
        401: PageState.SIGNED_OUT,
        404: PageState.TOMBSTONE,
        410: PageState.TOMBSTONE,
        429: PageState.THROTTLED,
        503: PageState.THROTTLED,
        _FLAGGED: PageState.BOT_FLAG,
    }
)
_BY_CONTROL: Final[Mapping[RepostControl, PageState]] = MappingProxyType(
    {
        "ready": PageState.READY,
        "reposted": PageState.ALREADY_REPOSTED,
        "closed": PageState.NOT_PERMITTED,
        "unknown": PageState.LAYOUT_CHANGED,
    }
)
_CHALLENGES: Final = ("/checkpoint", "/challenge")
_SIGN_INS: Final = frozenset({"login", "uas", "signup"})


def of_path(path: str) -> PageState | None:
    """The state that a final path alone gives away; None: the page must be looked at."""
    path = path.lower()
    if path.startswith(_CHALLENGES):
        return PageState.CHALLENGE
    first = path.strip("/").partition("/")[0]
    if first == "authwall":
        return PageState.AUTH_WALL
    return PageState.SIGNED_OUT if first in _SIGN_INS else None


def classify(path: str, status: int | None, marks: Marks) -> PageState:
    """A page's state from all that is known of it. Login and challenge pages may come as a 200."""
    told = of_path(path)
    if told is not None:
        return told
    if marks.challenge and not marks.post and status != _FLAGGED:
        return PageState.CHALLENGE
    return _of_status(status) or _of_marks(marks)


def error_of(
    state: PageState, *, code: str | None = None, retry_after: float | None = None
) -> ProviderError:
    """The error that a state stands for, before anything irreversible was done.

    Raises KeyError for READY and ALREADY_REPOSTED, which are none.
    """
    meaning = _MEANINGS[state]
    return meaning.kind(
        meaning.message,
        error_type=meaning.error_type,
        code=code or meaning.code,
        retry_after=retry_after if state is PageState.THROTTLED else None,
    )


def _of_status(status: int | None) -> PageState | None:
    if status is None or status < 400:
        return None
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return PageState.SERVER_ERROR if status >= 500 else PageState.LAYOUT_CHANGED


def _of_marks(marks: Marks) -> PageState:
    if marks.post:
        return _BY_CONTROL[marks.control]
    if marks.tombstone:
        return PageState.TOMBSTONE
    return PageState.SIGNED_OUT if marks.sign_in else PageState.LAYOUT_CHANGED
