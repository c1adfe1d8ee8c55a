"""What the site's answer to the irreversible click means. Pure."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from chorus.errors import IndeterminateWrite, PermanentProviderError, ProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.domain.page_states import PageState, error_of, of_path
from chorus_browser_repost.domain.post_urls import PostUrn, urns_in
from chorus_browser_repost.pages.fresh_connection import Delivered
from chorus_browser_repost.pages.wording import Wording, tidy
from chorus_execution.port import AlreadyDoneError

_TURNED_AWAY: Final = {
    401: PageState.SIGNED_OUT,
    429: PageState.THROTTLED,
    999: PageState.BOT_FLAG,
}
_REFUSED: Final = frozenset({400, 403, 404, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickResponse:
    """`status` is None where no answer came.

    `refusals` are the messages of a list of errors, which comes with status 200; None: there is no
    such list. `wall`: page or request were sent to a challenge or sign-in. `named` are the posts
    that the answer names, one of them perhaps what came to be.
    """

    status: int | None = None
    refusals: tuple[str, ...] | None = None
    retry_after: float | None = None
    wall: PageState | None = None
    named: tuple[PostUrn, ...] = ()


def response_of(delivered: Delivered | None, wall: PageState | None) -> ClickResponse:
    """`wall` is where the page itself went."""
    if delivered is None:
        return ClickResponse(wall=wall)
    body = _json(delivered.body)
    errors = body.get("errors") if isinstance(body, dict) else None
    location = body.get("location") if isinstance(body, dict) else None
    sent_to = location if isinstance(location, str) else delivered.path
    return ClickResponse(
        status=delivered.status,
        refusals=_messages(errors) if isinstance(errors, list) and errors else None,
        retry_after=delivered.retry_after,
        wall=of_path(sent_to) or wall,
        named=urns_in(delivered.body.decode(errors="replace")),
    )


def problem_of(answer: ClickResponse, words: Wording) -> ProviderError | None:
    """The error that the answer stands for. None: it speaks of success, which is yet to be seen.

    An error other than IndeterminateWrite means that the site turned the request down.
    """
    return _turned_down(answer, words) or _unclear(answer)


def _turned_down(answer: ClickResponse, words: Wording) -> ProviderError | None:
    if answer.status in _TURNED_AWAY:
        state = _TURNED_AWAY[answer.status]
        stopped = state is PageState.SIGNED_OUT and answer.wall is not None
        return error_of(
            answer.wall if stopped and answer.wall else state, retry_after=answer.retry_after
        )
    if answer.status == 200 and answer.refusals is not None:
        return _refusal(answer.refusals, words)
    if answer.status in _REFUSED:
        return PermanentProviderError(
            f"LinkedIn turned the repost down with status {answer.status}.",
            error_type=ErrorType.API_ERROR,
            code=f"http_{answer.status}",
        )
    return None


def _refusal(said: tuple[str, ...], words: Wording) -> ProviderError:
    if words.already in said:
        return AlreadyDoneError(
            "LinkedIn says that the account has reposted this already.", code="already_reposted"
        )
    if words.not_permitted in said:
        return error_of(PageState.NOT_PERMITTED)
    if words.tombstone in said:
        return error_of(PageState.TOMBSTONE)
    return PermanentProviderError(
        "LinkedIn refused the repost.", error_type=ErrorType.API_ERROR, code="repost_refused"
    )


def _unclear(answer: ClickResponse) -> IndeterminateWrite | None:
    message, code = "", ""
    if answer.wall is not None:
        message, code = "The click led to a challenge or a sign-in.", answer.wall.value
    elif answer.status is None:
        message, code = "No answer came to the click.", "no_answer"
    elif answer.status >= 300:
        message, code = f"LinkedIn answered the click with {answer.status}.", "server_error"
    return IndeterminateWrite(message, code=code) if code else None


def _messages(errors: list[Any]) -> tuple[str, ...]:
    found = (each.get("message") for each in errors if isinstance(each, dict))
    return tuple(tidy(message) for message in found if isinstance(message, str))


def _json(body: bytes) -> object:
    try:
        found: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found
