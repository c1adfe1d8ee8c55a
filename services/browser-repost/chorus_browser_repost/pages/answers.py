"""What the page's answer to the irreversible click means. Pure."""

from dataclasses import dataclass
from typing import Final

from chorus.errors import IndeterminateWrite, PermanentProviderError, ProviderError
from chorus.execution.port import AlreadyDoneError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import PageState, error_of
from chorus_browser_repost.pages.toast import Toast
from chorus_browser_repost.pages.wording import Wording

_TURNED_AWAY: Final = {
    401: PageState.SIGNED_OUT,
    429: PageState.THROTTLED,
    999: PageState.BOT_FLAG,
}
_REFUSED: Final = frozenset({400, 403, 404, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` is that of the request that the click made, None where none came back.

    `refused`: it came back with a list of errors. `wall`: the page went to a challenge or sign-in.
    """

    toast: Toast | None = None
    refused: bool = False
    status: int | None = None
    retry_after: float | None = None
    wall: PageState | None = None


def problem_of(answer: Answer, words: Wording) -> ProviderError | None:
    """The error that the answer stands for. None: it speaks of success, which is yet to be seen.

    An error other than IndeterminateWrite means that the site turned the request down.
    """
    return _turned_down(answer, words) or _unclear(answer)


def _turned_down(answer: Answer, words: Wording) -> ProviderError | None:
    if answer.status in _TURNED_AWAY:
        state = answer.wall or _TURNED_AWAY[answer.status]
        return error_of(state, retry_after=answer.retry_after)
    if answer.refused:
        return _refusal(answer, words)
    if answer.status in _REFUSED:
        return PermanentProviderError(
            f"LinkedIn turned the repost down with status {answer.status}.",
            error_type=ErrorType.API_ERROR,
            code=f"http_{answer.status}",
        )
    return None


def _refusal(answer: Answer, words: Wording) -> ProviderError:
    said = "" if answer.toast is None else answer.toast.text
    if said == words.already:
        return AlreadyDoneError(
            "LinkedIn says that the account has reposted this already.", code="already_reposted"
        )
    if said == words.not_permitted:
        return error_of(PageState.NOT_PERMITTED)
    if said == words.tombstone:
        return error_of(PageState.TOMBSTONE)
    return PermanentProviderError(
        "LinkedIn refused the repost.", error_type=ErrorType.API_ERROR, code="repost_refused"
    )


def _unclear(answer: Answer) -> IndeterminateWrite | None:
    message, code = "", ""
    if answer.wall is not None:
        message, code = "The page went elsewhere after the click.", answer.wall.value
    elif answer.toast is None and answer.status is None:
        message, code = "The page did not say what became of the click.", "page_timeout"
    elif answer.status is not None and answer.status >= 500:
        message, code = f"LinkedIn answered the click with {answer.status}.", "server_error"
    elif answer.toast is not None and answer.toast.failed:
        message, code = "The page says that something went wrong.", "write_failed"
    return IndeterminateWrite(message, code=code) if code else None
